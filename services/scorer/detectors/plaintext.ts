import { tlsRank } from '#shared/policy/tls-version.ts';
import { createBests } from '../rules/bests.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { createReminders } from '../rules/reminders.ts';
import { ruleDetector } from '../rules/rule.ts';
import { adversaryInTheMiddle, networkSniffing } from '../rules/techniques.ts';
import type { View } from './detector.ts';

const clear = 0;
const encrypted = 1;

/** A call in the clear: against the policy, or on an edge that was always encrypted. */
export const plaintext = ruleDetector({
  name: 'plaintext',
  headline: 'unencrypted calls',
  summary: 'An unencrypted call where the policy forbids it, or on an edge that was encrypted',
  source: 'NIST SP 800-207, tenet 2: all communication is secured; detection reference, section 2.8',
  techniques: [networkSniffing, adversaryInTheMiddle],
  side: 'source',
  needs: ['tls_version'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const bests = createBests('encryption', 'edge');
    const told = createReminders('told', 'edge');
    const isWatched = (view: View) =>
      levelOf(view) === clear &&
      intentions.policy(view.event.space).policy.tls.plaintext === 'watched' &&
      told.isDue(view.edge, view.time);
    return {
      judge: (view) => {
        if (levelOf(view) !== clear) return undefined;
        const policy = intentions.policy(view.event.space);
        if (policy.isTlsExempt(view.event.destination)) return undefined;
        if (bests.isBelow(view.edge, clear)) return 'breach';
        if (policy.policy.tls.plaintext === 'denied') return 'breach';
        return isWatched(view) ? 'notice' : undefined;
      },
      tell: (view) => ({
        observed: 1,
        expected: 0,
        unit: 'unencrypted calls',
        subject: view.event.destination,
        sentence:
          `${view.event.source} called ${view.event.destination} without encryption` +
          (bests.isBelow(view.edge, clear) ? '; until now every call was encrypted' : ''),
      }),
      learn: (view) => {
        const level = levelOf(view);
        if (level !== undefined) bests.learn(view.edge, level, view.time);
        if (isWatched(view)) told.mark(view.edge, view.time);
      },
      memories: [bests, told],
    };
  },
});

function levelOf({ event }: View): number | undefined {
  if (event.tls_version === undefined) return undefined;
  return tlsRank(event.tls_version) === 0 ? clear : encrypted;
}
