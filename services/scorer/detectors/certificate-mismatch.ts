import { attributeNames } from '#shared/attributes.ts';
import { mayUse } from '../rules/identities.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { masquerading, stealToken } from '../rules/techniques.ts';

/** The certificate that the caller showed was issued to somebody else. */
export const certificateMismatch = ruleDetector({
  name: 'certificate-mismatch',
  headline: "showed another agent's certificate",
  summary: 'A call with a certificate that was issued to another agent',
  source: 'X.509-SVID, section 2: the URI SAN is the identity of the workload',
  techniques: [masquerading, stealToken],
  side: 'source',
  needs: [attributeNames.certificateSubject],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    return {
      judge: ({ event }) => {
        const subject = event.attributes?.[attributeNames.certificateSubject];
        if (subject === undefined || subject === event.source) return undefined;
        const policy = intentions.policy(event.space);
        const { mismatch } = policy.policy.identity;
        if (mismatch === 'allowed' || policy.isIdentityExempt(event.source)) return undefined;
        if (mayUse(intentions.registry, event, subject)) return undefined;
        return mismatch === 'denied' ? 'breach' : 'notice';
      },
      tell: ({ event }) => {
        const subject = event.attributes?.[attributeNames.certificateSubject] ?? null;
        return {
          observed: 1,
          expected: 0,
          unit: 'calls with a foreign certificate',
          subject,
          sentence: `${event.source} called ${event.destination} with the certificate of ${subject}`,
        };
      },
    };
  },
});
