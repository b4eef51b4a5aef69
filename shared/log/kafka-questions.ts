import type { Admin, Cluster } from 'kafkajs';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { kindOf } from './kafka-client.ts';
import { type Fetched, fetchOnce, isOutOfRange } from './kafka-fetch.ts';
import type { LogRecord, TopicPartition } from './log.ts';

// What can be asked of Kafka without being a member of a group.

/** What a broker says while a topic is new, or while its leader or a group's coordinator moves. */
const unsettled =
  /NOT_LEADER|LEADER_NOT_AVAILABLE|REPLICA_NOT_AVAILABLE|COORDINATOR|^KafkaJS(MetadataNotLoaded|BrokerNotFound)$/;
const settleMsMax = 10_000;
const settleEveryMs = 100;
const readWaitMs = 100;

/** Asks again, with fresh metadata, for as long as the answer is that somebody else is to be asked, or nobody yet. */
export async function askUntilSettled<T>(clock: Clock, cluster: Cluster, ask: () => Promise<T>): Promise<T> {
  const deadline = clock.now() + settleMsMax;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!unsettled.test(kindOf(error)) || clock.now() > deadline) throw error;
    }
    await clock.sleep(settleEveryMs);
    await cluster.refreshMetadata().catch(() => undefined); // the next try says what is wrong
  }
}

/** @throws {AppError} NOT_FOUND */
export async function partitionsOf(cluster: Cluster, topic: string): Promise<number> {
  try {
    await cluster.addTargetTopic(topic);
    await cluster.refreshMetadataIfNecessary();
    return cluster.findTopicPartitionMetadata(topic).length;
  } catch (error) {
    if (kindOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
    throw new AppError('NOT_FOUND', `Kafka has no topic ${topic}`, { cause: error });
  }
}

/**
 * First kept and next offset of each partition. Not by kafkajs's admin, which stays with a leader that is none any more
 * until its metadata is five minutes old.
 */
export async function offsetsOf(cluster: Cluster, topic: string) {
  const count = await partitionsOf(cluster, topic);
  const partitions = Array.from({ length: count }, (_, partition) => ({ partition }));
  const ends = async (fromBeginning: boolean) => {
    const [found] = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning }]);
    return new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  };
  const [first, next] = await Promise.all([ends(true), ends(false)]);
  return partitions.map(({ partition }) => ({
    partition,
    first: first.get(partition) ?? 0,
    next: next.get(partition) ?? 0,
  }));
}

/** @throws {AppError} NOT_FOUND */
export async function rangeOf(cluster: Cluster, { topic, partition }: TopicPartition) {
  const found = (await offsetsOf(cluster, topic))[partition];
  if (found === undefined) throw new AppError('NOT_FOUND', `Kafka has no partition ${topic}/${partition}`);
  return found;
}

/** What a group has committed of a topic; partitions of which it remembers nothing are left out. */
export async function committedOf(admin: Admin, group: string, topic: string) {
  const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  return (found?.partitions ?? []).filter(({ offset }) => Number(offset) >= 0);
}

/** Records that a group has still to read, over all partitions. */
export async function lagOf(
  { admin, cluster }: { readonly admin: Admin; readonly cluster: Cluster },
  group: string,
  topic: string,
): Promise<number> {
  const committed = await committedOf(admin, group, topic);
  return (await offsetsOf(cluster, topic)).reduce((lag, { partition, first, next }) => {
    const known = committed.find((commit) => commit.partition === partition);
    return lag + next - Math.max(Number(known?.offset ?? first), first);
  }, 0);
}

/** At most `limit` records from `offset` on, or from the first kept one after it. */
export async function readPartition(
  cluster: Cluster,
  part: TopicPartition,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<readonly LogRecord[]> {
  const { first, next } = await rangeOf(cluster, part);
  const records: LogRecord[] = [];
  let position = Math.max(offset, first);
  while (position < next && records.length < limit) {
    const fetched = await fetchPart(cluster, part, position);
    if (fetched === undefined) {
      position = Math.max(position + 1, (await rangeOf(cluster, part)).first); // retention was faster
      continue;
    }
    records.push(...fetched.records);
    // Nothing though there should be something: a batch that compaction has emptied.
    position = fetched.next === position ? position + 1 : fetched.next;
  }
  return records.slice(0, limit);
}

/** One fetch, or nothing when the offset is gone. */
async function fetchPart(
  cluster: Cluster,
  part: TopicPartition,
  offset: number,
): Promise<Fetched | undefined> {
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(part.topic, [part.partition]));
  const broker = await cluster.findBroker({ nodeId: nodeId ?? '' });
  try {
    const [fetched] = await fetchOnce(broker, [{ ...part, offset }], readWaitMs);
    return fetched;
  } catch (error) {
    if (isOutOfRange(error)) return undefined;
    throw error;
  }
}
