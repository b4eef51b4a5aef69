import { intentionsOf } from '../rules/intentions.ts';
import { createReminders } from '../rules/reminders.ts';
import { ruleDetector } from '../rules/rule.ts';
import { remoteServices } from '../rules/techniques.ts';
import { type Crossed, zonedCall } from '../rules/zoned-call.ts';
import type { View } from './detector.ts';

/** A call that the matrix of zones denies, or asks to watch. */
export const forbiddenCrossing = ruleDetector({
  name: 'forbidden-crossing',
  headline: 'crossed into a zone that is forbidden to it',
  summary: 'A call between zones that the policy denies or watches',
  source: 'NIST SP 800-207, section 3.1.2: micro-segmentation',
  techniques: [remoteServices],
  side: 'source',
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const told = createReminders('told', 'edge');
    const crossed = (view: View): Crossed => zonedCall(intentions, view.event);
    return {
      judge: (view) => {
        const { verdict } = crossed(view).crossing;
        if (verdict === 'allowed') return undefined;
        if (verdict === 'watched') return told.isDue(view.edge, view.time) ? 'notice' : undefined;
        // A refused attempt shows intent, and that the enforcement works.
        return view.event.outcome === 'denied' ? 'warning' : 'breach';
      },
      tell: (view) => {
        const { from, to, crossing } = crossed(view);
        const rules = intentions.policy(view.event.space).policy.zones.rules;
        const note = crossing.rule === null ? undefined : rules[crossing.rule]?.note;
        const by = crossing.rule === null ? 'by default' : `by rule ${crossing.rule}`;
        return {
          observed: 1,
          expected: 0,
          unit: `calls from ${from ?? 'no zone'} to ${to ?? 'no zone'}`,
          subject: view.event.destination,
          sentence:
            `${view.event.source} (${from ?? 'no zone'}) called ${view.event.destination} (${to ?? 'no zone'}): ` +
            `${crossing.verdict} ${by}${note === undefined ? '' : `, ${note}`}`,
        };
      },
      learn: (view, tier) => {
        if (tier === 'notice') told.mark(view.edge, view.time); // what is watched is told once a day
      },
      memories: [told],
    };
  },
});
