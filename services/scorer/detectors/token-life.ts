import { intentionsOf } from '../rules/intentions.ts';
import { createReminders } from '../rules/reminders.ts';
import { ruleDetector } from '../rules/rule.ts';
import { applicationAccessToken } from '../rules/techniques.ts';
import type { View } from './detector.ts';

/** A token that lives longer than the policy allows: whoever steals it has that long. */
export const tokenLife = ruleDetector({
  name: 'token-life',
  headline: 'a token that lives too long',
  summary: 'A token whose life is longer than the policy allows',
  source: 'NIST SP 800-207, tenet 3: access is granted for a session; RFC 9700, section 2.2',
  techniques: [applicationAccessToken],
  side: 'source',
  needs: ['token_expires_at'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const told = createReminders('told', 'edge');
    const isTooLong = (view: View) => {
      const minutesMax = intentions.policy(view.event.space).policy.tokens.life_minutes_max;
      return minutesMax > 0 && lifeMinutes(view) > minutesMax;
    };
    return {
      judge: (view) =>
        view.event.token_expires_at !== undefined && isTooLong(view) && told.isDue(view.edge, view.time)
          ? 'warning'
          : undefined,
      tell: (view) => ({
        observed: lifeMinutes(view),
        expected: intentions.policy(view.event.space).policy.tokens.life_minutes_max,
        unit: 'minutes of life',
        subject: view.event.token_id ?? null,
        sentence:
          `${view.event.source} called ${view.event.destination} with a token that lives ` +
          `${lifeMinutes(view)} minutes`,
      }),
      learn: (view, tier) => {
        if (tier !== undefined) told.mark(view.edge, view.time);
      },
      memories: [told],
    };
  },
});

/** Where the issue time is not known the life is at least what is left of it. */
function lifeMinutes({ event, time }: View): number {
  const issuedAt = Math.min(event.token_issued_at ?? time, time);
  return Math.round(((event.token_expires_at ?? issuedAt) - issuedAt) / 60_000);
}
