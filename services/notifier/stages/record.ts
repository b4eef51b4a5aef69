import type { Clock } from '#shared/clock.ts';
import type { Delivery } from '#shared/delivery.ts';
import type { EventLog } from '#shared/log/log.ts';
import { appendPatiently } from '#shared/log/patient-append.ts';

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

/** @param topic the compacted topic `deliveries` */
export function createDeliveryRecorder(log: EventLog, topic: string, clock: Clock): DeliveryRecorder {
  return {
    record: async (deliveries, signal) => {
      signal.throwIfAborted();
      const records = deliveries.map((delivery) => ({
        key: deliveryKey(delivery),
        value: JSON.stringify(delivery),
      }));
      await appendPatiently({ log, clock, signal }, topic, records);
    },
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
