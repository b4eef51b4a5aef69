import { mayUse, spiffeOf } from '../rules/identities.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { masquerading, validAccounts } from '../rules/techniques.ts';

/** The identity that was proven is not the caller's: it is not among those declared for it, or names another. */
export const identityMismatch = ruleDetector({
  name: 'identity-mismatch',
  headline: "used another agent's identity",
  summary: 'A call under an identity that belongs to another agent',
  source: 'NIST SP 800-207, tenet 3; SPIFFE-ID 1.0, section 2: an id names exactly one workload',
  techniques: [validAccounts, masquerading],
  side: 'source',
  needs: ['auth_subject'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    return {
      judge: ({ event }) => {
        if (event.auth_subject === undefined || event.auth_subject === event.source) return undefined;
        const policy = intentions.policy(event.space);
        const { mismatch } = policy.policy.identity;
        if (mismatch === 'allowed' || policy.isIdentityExempt(event.source)) return undefined;
        if (mayUse(intentions.registry, event, event.auth_subject)) return undefined;
        return mismatch === 'denied' ? 'breach' : 'notice';
      },
      tell: ({ event }) => ({
        observed: 1,
        expected: 0,
        unit: 'calls under a foreign identity',
        subject: event.auth_subject ?? null,
        sentence:
          `${event.source} called ${event.destination} as ${event.auth_subject}, ` +
          `which is not ${spiffeOf(event.source) === undefined ? 'an identity declared for it' : 'its own id'}`,
      }),
    };
  },
});
