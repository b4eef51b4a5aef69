import type { Clock } from '#shared/clock.ts';
import { AppError } from '#shared/errors.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { EventLog } from '#shared/log/log.ts';
import type { Busy } from './admission.ts';

/** Consumer groups that must not fall so far behind that retention takes unread events from them. */
const watchedGroups = ['scorer', 'recorder'] as const;

const checkEveryMs = 1_000;

export interface BacklogOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Topic of the events. */
  readonly topic: string;
  /** Records that the slowest group may have before it; 0 never brakes. */
  readonly lagMax: number;
  readonly onChange: (backlog: Busy | undefined) => void;
  /** Told of a bug; the watch has ended then. */
  readonly onError: (error: unknown) => void;
}

/**
 * Watches how far the readers of the log are behind, and says when senders must wait for them. A log that cannot
 * tell is no brake: appending will say so itself.
 */
export function watchBacklog(options: BacklogOptions): Stop {
  if (options.lagMax === 0) return async () => {};
  const ending = new AbortController();
  const watching = watch(options, ending.signal).catch(options.onError);
  return async () => {
    ending.abort();
    await watching;
  };
}

async function watch(options: BacklogOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    options.onChange(await look(options));
    // Rejects only because it was aborted, which the loop sees.
    await options.clock.sleep(checkEveryMs, signal).catch(() => {});
  }
}

async function look({ log, topic, lagMax }: BacklogOptions): Promise<Busy | undefined> {
  try {
    const lags = await Promise.all(watchedGroups.map((group) => log.lag(group, topic)));
    const lag = Math.max(...lags);
    if (lag <= lagMax) return undefined;
    return {
      code: 'LOG_FULL',
      reason: `the readers of the log are ${lag} records behind (collector.lag_records_max)`,
      retryAfterSeconds: 5,
    };
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
