import type { AmissEvent } from '#shared/event.ts';
import { createHabits } from '../rules/habits.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { remoteServices } from '../rules/techniques.ts';

/** Pairs of zones that are told apart; a network with more of them has no matrix to learn. */
const pairsMax = 4096;
/** The first crossing is what happens within a day of the first call. */
const firstMs = 24 * 3_600_000;

/** The first call ever from one zone to another, where no rule of the policy speaks of the pair. */
export const firstCrossing = ruleDetector({
  name: 'first-crossing',
  headline: 'crossed between zones that never talked',
  summary: 'The first call between two zones that never talked',
  source: 'NIST SP 800-207, section 3.1.2; detection reference, section 2.3: what is new, from both ends',
  techniques: [remoteServices],
  side: 'source',
  needs: ['source_zone'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const habits = createHabits({
      name: 'crossings',
      by: 'space',
      observationsMin: 1000,
      ageMsMin: 3 * 24 * 3_600_000, // a weekend's jobs and a working day's are both among three days
      valuesMax: pairsMax,
    });
    return {
      judge: ({ event, time }) => {
        const pair = pairOf(event);
        if (pair === undefined || !habits.isNew(event.space, pair, time)) return undefined;
        if (intentions.policy(event.space).crossing(event).rule !== null) return undefined;
        // What follows in the week is part of the same case, not a first time again.
        return habits.newFor(event.space, pair, time) < firstMs ? 'warning' : 'notice';
      },
      tell: ({ event }) => ({
        observed: 1,
        expected: 0,
        unit: `calls from ${event.source_zone} to ${event.destination_zone} before`,
        subject: pairOf(event) ?? null,
        sentence:
          `${event.source} called ${event.destination}: nobody in ${event.source_zone} ` +
          `ever called ${event.destination_zone} before`,
      }),
      learn: ({ event, time }) => {
        const pair = pairOf(event);
        if (pair !== undefined) habits.learn(event.space, pair, time);
      },
      memories: [habits],
    };
  },
});

function pairOf({ source_zone: from, destination_zone: to }: AmissEvent): string | undefined {
  return from === undefined || to === undefined || from === to ? undefined : `${from} → ${to}`;
}
