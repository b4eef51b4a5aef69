import { tlsRank } from '#shared/policy/tls-version.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { createReminders } from '../rules/reminders.ts';
import { ruleDetector } from '../rules/rule.ts';
import { adversaryInTheMiddle } from '../rules/techniques.ts';
import type { View } from './detector.ts';

/** TLS of a version that the policy does not accept. Plaintext is another rule's. */
export const tlsBelowPolicy = ruleDetector({
  name: 'tls-below-policy',
  headline: 'TLS older than the policy accepts',
  summary: 'TLS older than the policy accepts',
  source: 'NIST SP 800-52 Rev. 2, section 3.1: TLS 1.2 or newer; RFC 8996 deprecates TLS 1.0 and 1.1',
  techniques: [adversaryInTheMiddle],
  side: 'source',
  needs: ['tls_version'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const told = createReminders('told', 'edge');
    const isDue = (view: View) => {
      if (view.event.tls_version === undefined) return false;
      const rank = tlsRank(view.event.tls_version);
      if (rank === undefined || rank === 0) return false;
      const policy = intentions.policy(view.event.space);
      if (rank >= policy.tlsRankMin || policy.isTlsExempt(view.event.destination)) return false;
      return told.isDue(view.edge, view.time);
    };
    return {
      judge: (view) => (isDue(view) ? 'warning' : undefined),
      tell: ({ event }) => {
        const least = intentions.policy(event.space).policy.tls.version_min;
        return {
          observed: 1,
          expected: 0,
          unit: `calls below ${least}`,
          subject: event.tls_version ?? null,
          sentence: `${event.source} called ${event.destination} over ${event.tls_version}; the policy asks for ${least}`,
        };
      },
      learn: (view, tier) => {
        if (tier !== undefined) told.mark(view.edge, view.time);
      },
      memories: [told],
    };
  },
});
