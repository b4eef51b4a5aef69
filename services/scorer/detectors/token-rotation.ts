import { intentionsOf } from '../rules/intentions.ts';
import { createReminders } from '../rules/reminders.ts';
import { ruleDetector } from '../rules/rule.ts';
import { applicationAccessToken } from '../rules/techniques.ts';
import type { View } from './detector.ts';

/** A token that is in use longer than the policy lets one token be. */
export const tokenRotation = ruleDetector({
  name: 'token-rotation',
  headline: 'a token that was not rotated in time',
  summary: 'A token that was not rotated in time',
  source: 'NIST SP 800-57 part 1, section 5.3: cryptoperiods',
  techniques: [applicationAccessToken],
  side: 'source',
  needs: ['token_issued_at'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const told = createReminders('told', 'edge');
    const isDue = (view: View) => {
      if (view.event.token_issued_at === undefined) return false;
      const hoursMax = intentions.policy(view.event.space).policy.tokens.rotation_hours_max;
      return hoursMax > 0 && ageHours(view) > hoursMax && told.isDue(view.edge, view.time);
    };
    return {
      judge: (view) => (isDue(view) ? 'warning' : undefined),
      tell: (view) => ({
        observed: ageHours(view),
        expected: intentions.policy(view.event.space).policy.tokens.rotation_hours_max,
        unit: 'hours since issue',
        subject: view.event.token_id ?? null,
        sentence:
          `${view.event.source} called ${view.event.destination} with a token issued ` +
          `${Math.round(ageHours(view))} hours before`,
      }),
      learn: (view, tier) => {
        if (tier !== undefined) told.mark(view.edge, view.time);
      },
      memories: [told],
    };
  },
});

function ageHours({ event, time }: View): number {
  return (time - (event.token_issued_at ?? time)) / 3_600_000;
}
