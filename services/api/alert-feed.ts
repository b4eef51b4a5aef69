import { randomUUID } from 'node:crypto';
import type { ServiceContext } from '#shared/context.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { LogRecord } from '#shared/log/log.ts';
import type { TopicName } from '#shared/log/topics.ts';

const topic = 'alerts' satisfies TopicName;
const readRecordsMax = 100;

/** Next offset to read of each partition of `alerts`, in the order of partitions. */
export type FeedPosition = readonly number[];

interface FeedRecord {
  readonly record: LogRecord;
  /** Where to go on after this record. */
  readonly position: FeedPosition;
}

/** The alerts as they are appended to the log, for any number of clients, each at its own place. */
export interface AlertFeed {
  /** The end of the log: nothing that exists, everything to come. */
  end(): Promise<FeedPosition>;
  /** Some records from a position on; none at the end. */
  read(position: FeedPosition): Promise<readonly FeedRecord[]>;
  /** Resolves when an alert is appended after this call. Ask before `read`, or one in between is missed. */
  changed(): Promise<void>;
  readonly stop: Stop;
}

/**
 * Clients read the log itself and hold nothing in memory but their place, so that a slow one costs nothing; one
 * subscription of this process wakes them all.
 */
export async function startAlertFeed({ log, fail }: ServiceContext): Promise<AlertFeed> {
  let change = Promise.withResolvers<void>();
  const wake = () => {
    change.resolve();
    change = Promise.withResolvers();
  };
  const subscription = await log.subscribe({
    group: `api.alerts.${randomUUID()}`, // of this process alone, so that it is given every partition
    topics: [topic],
    from: 'latest',
    onBatch: async () => wake(),
    onError: fail,
  });
  const read = async (position: FeedPosition) => {
    const found: FeedRecord[] = [];
    let at = position;
    for (const [partition, offset] of position.entries()) {
      for (const record of await log.read({ topic, partition }, offset, readRecordsMax)) {
        at = at.with(partition, record.offset + 1);
        found.push({ record, position: at });
      }
    }
    return found;
  };
  return {
    end: async () => {
      const parts = await log.offsets(topic);
      return parts.toSorted((one, other) => one.partition - other.partition).map(({ next }) => next);
    },
    read,
    changed: () => change.promise,
    stop: async () => {
      wake();
      await subscription.stop();
    },
  };
}

/** A position as the `id` of a server-sent event. */
export function positionText(position: FeedPosition): string {
  return position.join('.');
}

/** Reads `Last-Event-ID`; `undefined` for one that is not ours, or of a log with other partitions. */
export function parsePosition(text: string, partitions: number): FeedPosition | undefined {
  if (!/^\d{1,15}(\.\d{1,15})*$/.test(text)) return undefined;
  const position = text.split('.').map(Number);
  return position.length === partitions ? position : undefined;
}
