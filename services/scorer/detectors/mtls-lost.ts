import { createBests } from '../rules/bests.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { createReminders } from '../rules/reminders.ts';
import { ruleDetector } from '../rules/rule.ts';
import { adversaryInTheMiddle, downgrade } from '../rules/techniques.ts';
import type { View } from './detector.ts';

/** A call without a client certificate: against the policy, or on an edge that always had one. */
export const mtlsLost = ruleDetector({
  name: 'mtls-lost',
  headline: 'lost its client certificate',
  summary: 'A call without mutual TLS where the policy asks for it, or where there always was',
  source: 'NIST SP 800-207, tenet 2; CISA Zero Trust Maturity Model 2.0, network pillar: traffic encryption',
  techniques: [downgrade, adversaryInTheMiddle],
  side: 'source',
  needs: ['mtls'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const bests = createBests('mutual', 'edge');
    const told = createReminders('told', 'edge');
    const isDue = (view: View) => {
      if (view.event.mtls !== false) return false;
      const policy = intentions.policy(view.event.space);
      if (policy.policy.tls.mtls !== 'required' || policy.isTlsExempt(view.event.destination)) return false;
      return told.isDue(view.edge, view.time);
    };
    return {
      judge: (view) => {
        if (view.event.mtls !== false) return undefined;
        if (bests.isBelow(view.edge, 0)) return 'warning';
        return isDue(view) ? 'warning' : undefined;
      },
      tell: (view) => ({
        observed: 1,
        expected: 0,
        unit: 'calls without a client certificate',
        subject: view.event.destination,
        sentence:
          `${view.event.source} called ${view.event.destination} without a client certificate` +
          (bests.isBelow(view.edge, 0) ? '; until now every call had one' : ''),
      }),
      learn: (view) => {
        const { mtls } = view.event;
        if (mtls !== undefined) bests.learn(view.edge, mtls ? 1 : 0, view.time);
        if (isDue(view)) told.mark(view.edge, view.time);
      },
      memories: [bests, told],
    };
  },
});
