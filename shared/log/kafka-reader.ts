import type { Cluster } from 'kafkajs';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { PartitionReader, Waker } from './group-backend.ts';
import { kindOf } from './kafka-client.ts';
import {
  type Fetched,
  type FetchPosition,
  fetchOnce,
  isOutOfRange,
  type UnreadableRecord,
} from './kafka-fetch.ts';
import { batchBytesMax } from './limits.ts';
import type { LogRecord, TopicPartition } from './log.ts';

export interface FetcherOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly waker: Waker;
  /** First kept offset of a partition, for a reader whose records are gone. */
  readonly firstOffset: (part: TopicPartition) => Promise<number>;
  readonly onUnreadable: (part: TopicPartition, records: readonly UnreadableRecord[]) => void;
}

/** Fetches for all readers of a subscription in one loop, a request to each leader at a time. */
export interface Fetcher {
  reader(part: TopicPartition, start: number): PartitionReader;
  close(): Promise<void>;
}

/** What is fetched ahead of the consumer, of each partition; a paused or slow one is not fetched beyond it. */
const aheadRecordsMax = 5_000;
const aheadBytesMax = 8 * 2 ** 20;

const longPollMs = 200;
const idleMs = 50;
const backoffMsMin = 100;
const backoffMsMax = 2_000;
/** Fetches that bring nothing below the end of a partition, after which one offset is passed over. */
const emptyFetchesMax = 3;

interface Stream {
  readonly part: TopicPartition;
  ready: LogRecord[];
  readyBytes: number;
  position: number;
  end: number;
  emptyFetches: number;
}

export function createFetcher(options: FetcherOptions): Fetcher {
  const { cluster, clock, logger, waker } = options;
  const streams = new Set<Stream>();
  const ending = new AbortController();
  const run = async () => {
    let backoffMs = backoffMsMin;
    while (!ending.signal.aborted) {
      try {
        const brought = await fetchForAll(options, [...streams].filter(isHungry), streams);
        if (!brought) await rest(clock, idleMs, ending.signal);
        backoffMs = backoffMsMin;
      } catch (error) {
        // A broker that is away, or leads no more: heals by itself, so it is waited for and told of quietly.
        logger.debug({ kind: kindOf(error), backoffMs }, 'fetching from kafka is interrupted');
        await rest(clock, backoffMs, ending.signal);
        backoffMs = Math.min(backoffMs * 2, backoffMsMax);
        await cluster.refreshMetadata().catch(() => undefined);
      }
    }
  };
  const done = run();
  return {
    reader: (part, start) => {
      const stream: Stream = { part, ready: [], readyBytes: 0, position: start, end: start, emptyFetches: 0 };
      streams.add(stream);
      return {
        next: (limit) => take(stream, limit),
        endOffset: () => stream.end,
        close: () => streams.delete(stream),
      };
    },
    close: async () => {
      ending.abort();
      waker.wake();
      await done;
    },
  };
}

function rest(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return clock.sleep(ms, signal).catch(() => undefined); // cut short by the end
}

function isHungry({ ready, readyBytes }: Stream): boolean {
  return ready.length < aheadRecordsMax && readyBytes < aheadBytesMax;
}

function take(stream: Stream, limit: number): readonly LogRecord[] {
  let [count, bytes] = [0, 0];
  while (count < limit && count < stream.ready.length && bytes < batchBytesMax)
    bytes += stream.ready[count++]?.value.length ?? 0;
  stream.readyBytes -= bytes;
  return stream.ready.splice(0, count);
}

/** One round; false when there was nobody to fetch for. */
async function fetchForAll(
  { cluster, waker, firstOffset, onUnreadable }: FetcherOptions,
  hungry: readonly Stream[],
  streams: ReadonlySet<Stream>,
): Promise<boolean> {
  if (hungry.length === 0) return false;
  await cluster.refreshMetadataIfNecessary();
  const byLeader = new Map<string, Stream[]>();
  for (const stream of hungry) {
    const { topic, partition } = stream.part;
    const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    if (leader === undefined) throw new Error(`no leader known of ${topic}/${partition}`);
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), stream]);
  }
  const rounds = [...byLeader].map(async ([nodeId, own]) => {
    try {
      const broker = await cluster.findBroker({ nodeId });
      const fetched = await fetchOnce(broker, own.map(positionOf), longPollMs);
      for (const part of fetched) accept(own, part, onUnreadable);
    } catch (error) {
      if (!isOutOfRange(error)) throw error;
      for (const stream of own) await moveIntoRange(stream, await firstOffset(stream.part));
    }
    if (own.some((stream) => streams.has(stream) && stream.ready.length > 0)) waker.wake();
  });
  await Promise.all(rounds);
  return true;
}

function positionOf({ part, position }: Stream): FetchPosition {
  return { ...part, offset: position };
}

function accept(
  streams: readonly Stream[],
  fetched: Fetched,
  onUnreadable: FetcherOptions['onUnreadable'],
): void {
  const stream = streams.find(
    ({ part }) => part.topic === fetched.topic && part.partition === fetched.partition,
  );
  if (stream === undefined) return;
  const { records, unreadable, next, end } = fetched;
  for (const record of records) {
    stream.ready.push(record);
    stream.readyBytes += record.value.length;
  }
  if (unreadable.length > 0) onUnreadable(stream.part, unreadable);
  stream.emptyFetches = next === stream.position && next < end ? stream.emptyFetches + 1 : 0;
  stream.end = end;
  stream.position = next;
  // Compaction can leave a batch without records, which Kafka sends again and again and kafkajs does not show.
  if (stream.emptyFetches >= emptyFetchesMax) stream.position++;
}

/** Retention was faster than we, or the topic was made anew: go on where the partition begins now. */
async function moveIntoRange(stream: Stream, first: number): Promise<void> {
  if (stream.position < first) stream.position = first;
}
