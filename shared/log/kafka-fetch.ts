import type { Broker } from 'kafkajs';
import { kindOf } from './kafka-client.ts';
import { unreadableHeader } from './kafka-codecs.ts';
import type { LogRecord, TopicPartition } from './log.ts';

export interface FetchPosition extends TopicPartition {
  readonly offset: number;
}

/** What one fetch brought for one partition. */
export interface Fetched extends TopicPartition {
  /** Records from the asked offset on, without control records and those of aborted transactions. */
  readonly records: readonly LogRecord[];
  /** Records that stand for a batch which could not be decompressed; not among `records`. */
  readonly unreadable: readonly UnreadableRecord[];
  /** The offset to go on at. */
  readonly next: number;
  /** The partition's next offset to be written. */
  readonly end: number;
}

export interface UnreadableRecord {
  readonly offset: number;
  readonly reason: string;
}

const partitionBytesMax = 2 * 2 ** 20;
const responseBytesMax = 16 * 2 ** 20;
const readCommitted = 1;

/**
 * One fetch request to the leader of some partitions; waits for data for `waitMs` at the most.
 *
 * @throws kafkajs's errors: of the connection, of the leader, or `OFFSET_OUT_OF_RANGE`
 */
export async function fetchOnce(
  broker: Broker,
  positions: readonly FetchPosition[],
  waitMs: number,
): Promise<readonly Fetched[]> {
  const topics = [...new Set(positions.map(({ topic }) => topic))].map((topic) => ({
    topic,
    partitions: positions
      .filter((position) => position.topic === topic)
      .map(({ partition, offset }) => ({
        partition,
        fetchOffset: String(offset),
        maxBytes: partitionBytesMax,
      })),
  }));
  const response = (await broker.fetch({
    isolationLevel: readCommitted,
    maxWaitTime: waitMs,
    minBytes: 1,
    maxBytes: responseBytesMax,
    topics,
  })) as FetchResponse;
  return response.responses.flatMap(({ topicName, partitions }) =>
    partitions.flatMap((partition) => {
      const asked = positions.find((p) => p.topic === topicName && p.partition === partition.partition);
      return asked === undefined ? [] : [fetchedOf(asked, partition)];
    }),
  );
}

/** Whether a fetch failed because retention has taken the records at its offset (or the topic is a new one). */
export function isOutOfRange(error: unknown): boolean {
  return kindOf(error) === 'OFFSET_OUT_OF_RANGE';
}

interface FetchResponse {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly FetchedPartition[];
  }[];
}

interface FetchedPartition {
  readonly partition: number;
  readonly highWatermark: string;
  readonly lastStableOffset?: string;
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
  readonly messages: readonly FetchedMessage[];
}

interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

interface FetchedMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer>>;
  readonly isControlRecord?: boolean;
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean };
}

const noBytes = Buffer.alloc(0);

function fetchedOf(asked: FetchPosition, data: FetchedPartition): Fetched {
  const records: LogRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  const isAborted = abortedFilter(data.abortedTransactions ?? []);
  let next = asked.offset;
  for (const message of data.messages) {
    const offset = Number(message.offset);
    const isSkipped = isAborted(message, offset) || message.isControlRecord === true;
    if (offset < asked.offset) continue; // a batch is sent whole, even when only its end was asked for
    next = offset + 1;
    if (isSkipped) continue;
    const reason = message.headers?.[unreadableHeader];
    if (reason !== undefined) unreadable.push({ offset, reason: String(reason) });
    else
      records.push({
        offset,
        key: message.key === null ? null : message.key.toString('utf8'),
        value: message.value ?? noBytes,
        timestamp: Number(message.timestamp),
      });
  }
  const end = Number(data.highWatermark);
  return { topic: asked.topic, partition: asked.partition, records, unreadable, next, end };
}

/** Tells which records a transaction took back: a producer's, from its first until its control record. */
function abortedFilter(transactions: readonly AbortedTransaction[]) {
  const coming = [...transactions].sort((a, b) => Number(a.firstOffset) - Number(b.firstOffset));
  const aborted = new Set<string>();
  return (message: FetchedMessage, offset: number): boolean => {
    for (
      let first = coming[0];
      first !== undefined && Number(first.firstOffset) <= offset;
      first = coming[0]
    ) {
      aborted.add(first.producerId);
      coming.shift();
    }
    const producer = message.batchContext?.producerId ?? '';
    if (message.isControlRecord === true) {
      aborted.delete(producer);
      return true;
    }
    return message.batchContext?.inTransaction === true && aborted.has(producer);
  };
}
