import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { kafkaFailure, kindOf } from './kafka-client.ts';

/** How long a subscription waits for brokers that are away: for ever while it reads, shortly once it is to stop. */
export interface Patience {
  /** Tries again until it works, or until patience or hope is over: rejects with LOG_UNAVAILABLE then. */
  persist<T>(doing: string, work: () => Promise<T>): Promise<T>;
  /** From now on, `waitMsMax` more. */
  limit(waitMsMax: number): void;
  /** No limit any more. */
  lift(): void;
}

const retryMs = 100;

/** What no waiting heals: rights, and what broker and client cannot agree on. */
const hopeless = /AUTHORIZATION_FAILED|SASL|AUTHENTICATION|UNSUPPORTED|^INVALID_|^UNKNOWN_TOPIC/;

function mayHeal(error: unknown): boolean {
  if (!(error instanceof AppError)) return !hopeless.test(kindOf(error));
  return error.code === 'LOG_UNAVAILABLE' && !hopeless.test(kindOf(error.cause));
}

/** @param beforeRetry is told what failed, e.g. to look for a new coordinator */
export function createPatience(clock: Clock, beforeRetry: (error: unknown) => void): Patience {
  let deadline = Number.POSITIVE_INFINITY;
  return {
    persist: async (doing, work) => {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          const isFinal = !mayHeal(error);
          if (isFinal || clock.now() > deadline) throw kafkaFailure(doing, error);
          beforeRetry(error);
        }
        await clock.sleep(retryMs);
      }
    },
    limit: (waitMsMax) => {
      deadline = Math.min(deadline, clock.now() + waitMsMax);
    },
    lift: () => {
      deadline = Number.POSITIVE_INFINITY;
    },
  };
}
