import type { Logger } from '#shared/logger.ts';
import type { Metrics } from '#shared/metrics.ts';
import type { DeliveryResult } from './delivery-result.ts';

/** How the receiver of one target is doing, over all its messages. */
export interface ReceiverState {
  /** No attempt before this time, UTC ms; infinite once the receiver is gone. */
  opensAt(): number;
  /** Takes note of how an attempt ended. */
  note(result: DeliveryResult, now: number): void;
}

// Too many requests, and what a proxy says while its backend is overloaded or away.
const throttling: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** How long a receiver is left alone that asks for less without saying how long. */
const throttleMsDefault = 5_000;

/**
 * Logs a fault only when it changes, so that a receiver that is down for a night fills no log.
 *
 * A receiver that answers 410 asks not to be called again: its target is switched off until the next start, and its
 * alerts wait in the log meanwhile.
 */
export function createReceiverState(target: string, logger: Logger, metrics: Metrics): ReceiverState {
  const disabled = metrics.gauge('notifier_disabled', '1 while a target is switched off because of a 410');
  disabled.set({ service: 'notifier', kind: target }, 0);
  let opensAt = 0;
  let fault = '';
  return {
    opensAt: () => opensAt,
    note: (result, now) => {
      if (result.ok) {
        if (fault !== '') logger.info({ target }, 'receiver takes alerts again');
        fault = '';
        return;
      }
      if (result.status === 410) {
        opensAt = Number.POSITIVE_INFINITY;
        disabled.set({ service: 'notifier', kind: target }, 1);
        logger.error({ target }, 'receiver is gone (410): the target is switched off until the next start');
      } else if (result.status !== undefined && throttling.has(result.status)) {
        opensAt = Math.max(opensAt, now + (result.retryAfterMs ?? throttleMsDefault));
      }
      if (result.reason !== fault)
        logger.warn({ target, reason: result.reason }, 'receiver does not take alerts');
      fault = result.reason;
    },
  };
}
