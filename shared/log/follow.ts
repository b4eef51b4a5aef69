import { randomUUID } from 'node:crypto';
import type { Stop } from '../lifecycle.ts';
import type { EventLog, LogRecord, TopicPartition } from './log.ts';

/** A topic of which this process reads every record, from the first kept one on, and then live. */
export interface Following {
  /** Resolves when everything that was there at the start has been taken. Rejects when stopped first. */
  readonly ready: Promise<void>;
  readonly stop: Stop;
}

const readRecordsMax = 1_000;

/**
 * Takes all records of a compacted topic (decisions, registry) and every new one, in the order of each partition.
 * Nothing is committed: each start reads all of it again.
 *
 * @param options.name of the follower, for the consumer group that it makes for itself
 * @param options.take handles one record; a throw is a bug and ends the following through `onError`
 */
export async function followTopic(options: {
  readonly log: EventLog;
  readonly topic: string;
  readonly name: string;
  readonly take: (record: LogRecord) => void;
  readonly onError: (error: unknown) => void;
}): Promise<Following> {
  const { log, topic, take } = options;
  const missing = new Set((await log.offsets(topic)).map(({ partition }) => partition));
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  ready.catch(() => undefined); // a stop before anybody waits is no fault
  const catchUp = async (part: TopicPartition) => {
    const offset = await readAll(log, part, take);
    missing.delete(part.partition);
    if (missing.size === 0) resolve();
    return offset;
  };
  const subscription = await log.subscribe({
    group: `${options.name}.${randomUUID()}`, // of this process alone, so that it is given every partition
    topics: [topic],
    from: 'earliest',
    onAssigned: catchUp,
    onBatch: async (batch) => {
      for (const record of batch.records) take(record);
    },
    onError: options.onError,
  });
  return {
    ready,
    stop: async () => {
      reject(new Error(`stopped before ${topic} was read`));
      await subscription.stop();
    },
  };
}

/** Takes every kept record of a partition; returns the offset after the last. */
export function readAll(
  log: EventLog,
  part: TopicPartition,
  take: (record: LogRecord) => void,
): Promise<number> {
  return readRange(log, part, { from: 0, to: Number.POSITIVE_INFINITY }, take);
}

/** Takes the kept records of a partition from one offset up to before another; returns the offset after the last. */
export async function readRange(
  log: EventLog,
  part: TopicPartition,
  range: { readonly from: number; readonly to: number },
  take: (record: LogRecord) => void,
): Promise<number> {
  let offset = range.from;
  while (offset < range.to) {
    const records = await log.read(part, offset, Math.min(readRecordsMax, range.to - offset));
    for (const record of records) if (record.offset < range.to) take(record);
    const last = records.at(-1);
    if (last === undefined) break;
    offset = last.offset + 1;
  }
  return offset;
}
