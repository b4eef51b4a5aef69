import { createBests } from '../rules/bests.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { validAccounts } from '../rules/techniques.ts';
import type { View } from './detector.ts';

const anonymousMethods = new Set(['none', 'anonymous', 'unauthenticated']);
const unproven = 0;
const proven = 1;

/**
 * A call whose caller proved nothing: against the policy, on an edge that always had a proof, or at an agent of which all
 * callers had one.
 */
export const anonymousCall = ruleDetector({
  name: 'anonymous-call',
  headline: 'called without proving who it is',
  summary: 'A call without proof of identity where the policy asks for one, or where there always was one',
  source: 'NIST SP 800-207, tenet 6: authentication is dynamic and strictly enforced before access',
  techniques: [validAccounts],
  side: 'source',
  needs: ['auth_method', 'auth_subject'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const ofEdge = createBests('edges', 'edge');
    const ofCalled = createBests('called', 'agent');
    return {
      judge: (view) => {
        if (proofOf(view) !== unproven || view.event.outcome === 'denied') return undefined;
        const policy = intentions.policy(view.event.space);
        if (policy.isIdentityExempt(view.event.source)) return undefined;
        if (policy.policy.identity.anonymous === 'denied') return 'breach';
        if (ofEdge.isBelow(view.edge, unproven) || ofCalled.isBelow(view.peer, unproven)) return 'warning';
        return policy.policy.identity.anonymous === 'watched' ? 'notice' : undefined;
      },
      tell: ({ event }) => ({
        observed: 1,
        expected: 0,
        unit: 'anonymous calls',
        subject: event.destination,
        sentence: `${event.source} called ${event.destination} without proving who it is`,
      }),
      learn: (view) => {
        const proof = proofOf(view);
        if (proof === undefined) return;
        ofEdge.learn(view.edge, proof, view.time);
        ofCalled.learn(view.peer, proof, view.time);
      },
      memories: [ofEdge, ofCalled],
    };
  },
});

/** A log that does not say how the caller proved itself says nothing about it. */
function proofOf({ event }: View): number | undefined {
  if (event.auth_method === undefined) return event.auth_subject === undefined ? undefined : proven;
  return anonymousMethods.has(event.auth_method) ? unproven : proven;
}
