import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { validAccounts } from '../rules/techniques.ts';

/** A person who acted without a second factor where the policy asks for one. */
export const missingMfa = ruleDetector({
  name: 'missing-mfa',
  headline: 'no second factor where one is required',
  summary: 'A call without a second factor by a kind of agent of which the policy asks one',
  source: 'NIST SP 800-207, tenet 6; OMB M-22-09, section A: phishing-resistant MFA',
  techniques: [validAccounts],
  side: 'source',
  needs: ['mfa'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    return {
      judge: ({ event }) => {
        if (event.mfa !== false || event.outcome === 'denied') return undefined;
        const policy = intentions.policy(event.space);
        const { mfa_kinds: kinds } = policy.policy.identity;
        if (kinds.length === 0 || policy.isIdentityExempt(event.source)) return undefined;
        const kind = event.source_kind ?? intentions.registry.kindOf(event.space, event.source);
        return kind !== undefined && kinds.includes(kind) ? 'warning' : undefined;
      },
      tell: ({ event }) => ({
        observed: 0,
        expected: 1,
        unit: 'second factors',
        subject: event.auth_subject ?? event.source,
        sentence: `${event.auth_subject ?? event.source} called ${event.destination} without a second factor`,
      }),
    };
  },
});
