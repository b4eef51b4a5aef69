import { attributeNames } from '#shared/attributes.ts';
import { createHabits, type Habits } from '../rules/habits.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { applicationAccessToken } from '../rules/techniques.ts';
import { wordsOf } from '../rules/words.ts';
import type { View } from './detector.ts';

/**
 * A token for an audience that the policy does not know, or that the called agent was never shown: a token meant for
 * somebody else, or one for more than its issuer used to give. Judged where it is shown, because an agent is an
 * audience or two for ever, while its callers come and go.
 */
export const tokenAudience = ruleDetector({
  name: 'token-audience',
  headline: 'a token that was meant for somebody else',
  summary: 'A token whose audience grew, or that was meant for another agent',
  source: 'RFC 8725, section 3.9: use and validate audience; detection reference, section 2.8',
  techniques: [applicationAccessToken],
  side: 'destination',
  needs: [attributeNames.tokenAudience],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const habits = createHabits({
      name: 'audiences',
      by: 'agent',
      observationsMin: 50,
      ageMsMin: 6 * 3_600_000,
      valuesMax: 32,
    });
    return {
      judge: (view) => {
        const audience = view.event.attributes?.[attributeNames.tokenAudience];
        if (audience === undefined || view.event.outcome === 'denied') return undefined;
        const policy = intentions.policy(view.event.space);
        if (!wordsOf(audience).every(policy.isAudienceKnown)) return 'breach';
        return newWord(habits, view) === undefined ? undefined : 'warning';
      },
      tell: (view) => {
        const { event, agent, time } = view;
        const audience = newWord(habits, view) ?? event.attributes?.[attributeNames.tokenAudience] ?? null;
        const known = habits.known(agent, time).slice(0, 3).join(', ');
        return {
          observed: 1,
          expected: 0,
          unit: 'calls with a token for this audience',
          subject: audience,
          sentence:
            `${event.source} called ${event.destination} with a token for ${audience}; ` +
            `before: ${known || 'none'}`,
        };
      },
      learn: ({ event, agent, time }) => {
        const audience = event.attributes?.[attributeNames.tokenAudience];
        for (const word of wordsOf(audience)) habits.learn(agent, word, time);
      },
      memories: [habits],
    };
  },
});

function newWord(habits: Habits, { event, agent, time }: View): string | undefined {
  const words = wordsOf(event.attributes?.[attributeNames.tokenAudience]);
  return words.find((word) => habits.isNew(agent, word, time));
}
