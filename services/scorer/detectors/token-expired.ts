import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { applicationAccessToken } from '../rules/techniques.ts';
import type { View } from './detector.ts';

/** A token that was accepted after its end. One that was refused is how it should be. */
export const tokenExpired = ruleDetector({
  name: 'token-expired',
  headline: 'used an expired token',
  summary: 'A token that was accepted after it had expired',
  source: 'RFC 7519, section 4.1.4: a token must not be accepted on or after its expiration time',
  techniques: [applicationAccessToken],
  side: 'source',
  needs: ['token_expires_at'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    return {
      judge: ({ event, time }) => {
        const expiresAt = event.token_expires_at;
        if (expiresAt === undefined || time <= expiresAt || event.outcome === 'denied') return undefined;
        const graceMs = intentions.policy(event.space).policy.tokens.expired_grace_seconds * 1000;
        return time > expiresAt + graceMs ? 'breach' : undefined;
      },
      tell: (view) => ({
        observed: secondsLate(view),
        expected: 0,
        unit: 'seconds after expiry',
        subject: view.event.token_id ?? null,
        sentence:
          `${view.event.source} called ${view.event.destination} with a token that had expired ` +
          `${secondsLate(view)} seconds before`,
      }),
    };
  },
});

function secondsLate({ event, time }: View): number {
  return Math.round((time - (event.token_expires_at ?? time)) / 1000);
}
