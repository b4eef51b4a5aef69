import type { Clock } from '#shared/clock.ts';
import type { Delivery } from '#shared/delivery.ts';
import { AppError } from '#shared/errors.ts';
import type { AppendRecord, EventLog } from '#shared/log/log.ts';

/** Writes the delivery log: what is in it survives the process, what is not never happened. */
export interface DeliveryRecorder {
  /**
   * Resolves when the records are durable. While the log does not take them it tries again; rejects when stopped, or
   * with an error that no waiting heals.
   */
  record(deliveries: readonly Delivery[], signal: AbortSignal): Promise<void>;
  /** Deletes records that are no longer needed to tell repeats; they stay in the store. Tries once. */
  forget(deliveries: readonly Delivery[]): Promise<void>;
}

const waitMsMin = 100;
const waitMsMax = 5_000;

/** @param topic the compacted topic `deliveries` */
export function createDeliveryRecorder(log: EventLog, topic: string, clock: Clock): DeliveryRecorder {
  const append = async (records: readonly AppendRecord[], signal: AbortSignal) => {
    for (let waitMs = waitMsMin; ; waitMs = Math.min(2 * waitMs, waitMsMax)) {
      signal.throwIfAborted();
      try {
        return await log.append(topic, records);
      } catch (error) {
        if (!healsWithTime(error)) throw error;
      }
      await clock.sleep(waitMs, signal);
    }
  };
  return {
    record: (deliveries, signal) =>
      append(
        deliveries.map((delivery) => ({ key: deliveryKey(delivery), value: JSON.stringify(delivery) })),
        signal,
      ),
    forget: (deliveries) =>
      log.append(
        topic,
        deliveries.map((delivery) => ({ key: deliveryKey(delivery), value: null })),
      ),
  };
}

/** One key for each message, so that compaction keeps the newest record of it. */
function deliveryKey({ target, space, alert, revision }: Delivery): string {
  return `${target}/${space}/${alert}/${revision}`;
}

function healsWithTime(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'LOG_UNAVAILABLE' || error.code === 'LOG_FULL');
}
