import { attributeNames } from '#shared/attributes.ts';
import { createHabits, type Habits } from '../rules/habits.ts';
import { ruleDetector } from '../rules/rule.ts';
import { accountManipulation, applicationAccessToken } from '../rules/techniques.ts';
import { wordsOf } from '../rules/words.ts';
import type { View } from './detector.ts';

/** A token that may do more than this caller's tokens ever could. */
export const tokenScope = ruleDetector({
  name: 'token-scope',
  headline: 'a token with more rights than ever before',
  summary: 'A token with a scope that its bearer never had',
  source: 'NIST SP 800-207, tenet 3: least privilege; RFC 6749, section 3.3: scope is a list of words',
  techniques: [accountManipulation, applicationAccessToken],
  side: 'source',
  needs: [attributeNames.tokenScope],
  create: () => {
    const habits = createHabits({
      name: 'scopes',
      by: 'agent',
      observationsMin: 50,
      ageMsMin: 6 * 3_600_000,
      valuesMax: 128,
    });
    return {
      judge: (view) => (newWord(habits, view) === undefined ? undefined : 'breach'),
      tell: (view) => {
        const word = newWord(habits, view) ?? '';
        const known = habits.known(view.agent, view.time).slice(0, 5).join(' ');
        return {
          observed: 1,
          expected: 0,
          unit: 'calls with this scope',
          subject: word,
          sentence: `${view.event.source} called ${view.event.destination} with the new scope ${word}; before: ${known}`,
        };
      },
      learn: ({ event, agent, time }) => {
        const scope = event.attributes?.[attributeNames.tokenScope];
        for (const word of wordsOf(scope)) habits.learn(agent, word, time);
      },
      memories: [habits],
    };
  },
});

function newWord(habits: Habits, { event, agent, time }: View): string | undefined {
  const scope = event.attributes?.[attributeNames.tokenScope];
  if (scope === undefined) return undefined;
  return wordsOf(scope).find((word) => habits.isNew(agent, word, time));
}
