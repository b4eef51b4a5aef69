import { attributeNames } from '#shared/attributes.ts';
import { createHabits } from '../rules/habits.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { applicationAccessToken } from '../rules/techniques.ts';

/** A token for an audience that the policy does not know, or that this caller never used a token for. */
export const tokenAudience = ruleDetector({
  name: 'token-audience',
  summary: 'A token for an audience that is not expected, or is new to its bearer',
  source: 'RFC 8725, section 3.9: use and validate audience',
  techniques: [applicationAccessToken],
  side: 'source',
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const habits = createHabits({
      name: 'audiences',
      by: 'agent',
      observationsMin: 100,
      ageMsMin: 24 * 3_600_000,
      valuesMax: 32, // whoever talks to more than these has no set of audiences to keep to
    });
    return {
      judge: ({ event, agent, time }) => {
        const audience = event.attributes?.[attributeNames.tokenAudience];
        if (audience === undefined) return undefined;
        if (!intentions.policy(event.space).isAudienceKnown(audience)) return 'breach';
        return habits.isNew(agent, audience, time) ? 'warning' : undefined;
      },
      tell: ({ event, agent, time }) => {
        const audience = event.attributes?.[attributeNames.tokenAudience] ?? null;
        const known = habits.known(agent, time).slice(0, 3).join(', ');
        return {
          observed: 1,
          expected: 0,
          unit: 'calls with a token for this audience',
          subject: audience,
          sentence: `${event.source} called ${event.destination} with a token for ${audience}; before: ${known || 'none'}`,
        };
      },
      learn: ({ event, agent, time }) => {
        const audience = event.attributes?.[attributeNames.tokenAudience];
        if (audience !== undefined) habits.learn(agent, audience, time);
      },
      memories: [habits],
    };
  },
});
