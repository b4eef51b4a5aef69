import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { AppendRecord, EventLog } from './log.ts';

export interface PatientAppend {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Ends the waiting; an append under way is still waited for. */
  readonly signal: AbortSignal;
}

const waitMsMin = 100;
const waitMsMax = 5_000;

/**
 * Appends for a reader of the log, which has nobody to refuse: while the log takes nothing, it tries again. So a reader
 * waits where it is until the log is back.
 *
 * @throws the signal's reason when it is aborted while the log is away, or an error that no waiting heals
 */
export async function appendPatiently(
  { log, clock, signal }: PatientAppend,
  topic: string,
  records: readonly AppendRecord[],
): Promise<void> {
  for (let waitMs = waitMsMin; ; waitMs = Math.min(2 * waitMs, waitMsMax)) {
    try {
      return await log.append(topic, records);
    } catch (error) {
      if (!healsWithTime(error)) throw error;
    }
    signal.throwIfAborted();
    await clock.sleep(waitMs, signal);
  }
}

/** Is it that the log is away, or full, and not that something is wrong with what was asked of it? */
export function healsWithTime(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'LOG_UNAVAILABLE' || error.code === 'LOG_FULL');
}
