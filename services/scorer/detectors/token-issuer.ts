import { attributeNames } from '#shared/attributes.ts';
import { createHabits } from '../rules/habits.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { applicationAccessToken, validAccounts } from '../rules/techniques.ts';

/** A token of an issuer that the policy does not trust, or that nobody in the space ever used. */
export const tokenIssuer = ruleDetector({
  name: 'token-issuer',
  headline: 'a token of an issuer that is not trusted',
  summary: 'A token of an untrusted or never seen issuer',
  source: 'RFC 8725, section 3.8: validate issuer and subject',
  techniques: [applicationAccessToken, validAccounts],
  side: 'source',
  needs: [attributeNames.tokenIssuer],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    // A space has few issuers; a day shows all that are in daily use.
    const habits = createHabits({
      name: 'issuers',
      by: 'space',
      observationsMin: 200,
      ageMsMin: 24 * 3_600_000,
      valuesMax: 256,
    });
    return {
      judge: ({ event, time }) => {
        const issuer = event.attributes?.[attributeNames.tokenIssuer];
        if (issuer === undefined || event.outcome === 'denied') return undefined;
        const policy = intentions.policy(event.space);
        if (!policy.isIssuerKnown(issuer)) return 'breach';
        const isDeclared = policy.policy.tokens.issuers.length > 0;
        return !isDeclared && habits.isNew(event.space, issuer, time) ? 'warning' : undefined;
      },
      tell: ({ event, time }) => {
        const issuer = event.attributes?.[attributeNames.tokenIssuer] ?? null;
        const known = habits.known(event.space, time).slice(0, 3).join(', ');
        return {
          observed: 1,
          expected: 0,
          unit: 'calls with a token of this issuer',
          subject: issuer,
          sentence: `${event.source} called ${event.destination} with a token issued by ${issuer}; known: ${known || 'none'}`,
        };
      },
      learn: ({ event, time }) => {
        const issuer = event.attributes?.[attributeNames.tokenIssuer];
        if (issuer !== undefined) habits.learn(event.space, issuer, time);
      },
      memories: [habits],
    };
  },
});
