import { AppError, type ErrorCode } from '#shared/errors.ts';
import type { EventLog } from '#shared/log/log.ts';

/** A real log with a gate before its appends. */
export interface GatedLog {
  readonly log: EventLog;
  /** From now on appends are refused, as by a log that is full or away. */
  readonly shut: (code: Extract<ErrorCode, 'LOG_FULL' | 'LOG_UNAVAILABLE'>) => void;
  readonly open: () => void;
  /** Appends of events that were refused since it was shut. */
  readonly refused: () => number;
}

export function gatedLog(inner: EventLog): GatedLog {
  let code: ErrorCode | undefined;
  let refused = 0;
  return {
    log: {
      ...inner,
      append: async (topic, records) => {
        if (code !== undefined) {
          if (topic === 'events') refused += 1;
          throw new AppError(code, 'the gate of the test is shut');
        }
        await inner.append(topic, records);
      },
    },
    shut: (reason) => {
      code = reason;
      refused = 0;
    },
    open: () => {
      code = undefined;
    },
    refused: () => refused,
  };
}
