import type { Clock } from '#shared/clock.ts';
import { AppError } from '#shared/errors.ts';
import { putNewest } from '#shared/put-newest.ts';

/** How many callers are remembered; beyond it the one seen longest ago starts anew. */
const callersMax = 10_000;
const burstSeconds = 10;

export interface RateLimit {
  /** Counts one request. @throws {AppError} RATE_LIMITED: one too many */
  take(caller: string): void;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/**
 * A token bucket for each caller: filled at the rate, holding ten seconds' worth.
 *
 * @param ratePerSecond above 0
 */
export function createRateLimit(ratePerSecond: number, clock: Clock): RateLimit {
  const full = Math.max(1, ratePerSecond * burstSeconds);
  const buckets = new Map<string, Bucket>();
  return {
    take: (caller) => {
      const now = clock.now();
      const bucket = buckets.get(caller) ?? { tokens: full, at: now };
      const tokens = Math.min(full, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * ratePerSecond);
      const isAllowed = tokens >= 1;
      putNewest(buckets, caller, { tokens: isAllowed ? tokens - 1 : tokens, at: now }, callersMax);
      if (!isAllowed)
        throw new AppError('RATE_LIMITED', `more than ${ratePerSecond} requests a second; slow down`);
    },
  };
}
