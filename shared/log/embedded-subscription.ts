import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { createMembership, type Membership } from './embedded-group.ts';
import { createPartitionReader, type PartitionReader } from './embedded-reader.ts';
import type { Session } from './embedded-session.ts';
import type { EmbeddedStore, StoredTopic } from './embedded-store.ts';
import type { Waker } from './embedded-wake.ts';
import { batchRecordsDefault, metadataCharsMax } from './limits.ts';
import type { Consumer, Subscription, TopicPartition } from './log.ts';

interface SubscribeOptions {
  readonly store: EmbeddedStore;
  readonly session: Session;
  readonly waker: Waker;
  readonly consumer: Consumer;
  /** The consumer's topics, as stored. */
  readonly topics: readonly StoredTopic[];
  /** UTC ms of the log's clock. */
  readonly now: () => number;
}

/** One partition that we read: told to stop by a flag, ended when `done` resolves. */
interface Reading {
  readonly part: TopicPartition;
  readonly topic: StoredTopic;
  isPaused: boolean;
  isStopping: boolean;
  done: Promise<void>;
}

/**
 * Reads topics as a member of a group. One loop (`manage`) is the only one that starts and stops partitions, so
 * assignments never overlap; each partition has its own loop for its batches. Partitions of one number are
 * started together, after `onAssigned` of all of them.
 */
export async function subscribeEmbedded(options: SubscribeOptions): Promise<Subscription> {
  const { store, session, consumer, topics, waker } = options;
  const partitionsMax = Math.max(...topics.map(({ partitions }) => partitions));
  const units = Array.from({ length: partitionsMax }, (_, unit) => unit);
  const membership = createMembership({
    store,
    session,
    group: consumer.group,
    topics: topics.map(({ name }) => name),
    units,
  });
  await membership.balance();
  const readings = createReadings(options, membership);
  let isStopping = false;
  const manage = async () => {
    await nextTurn(); // The caller holds the subscription before its consumer hears of anything.
    while (!isStopping && readings.failure() === undefined) {
      const wake = waker.next();
      store.refresh();
      await rebalance(membership, readings);
      await wake;
    }
  };
  const end = async (failure: unknown) => {
    await readings.abandon();
    await membership.leave().catch(() => undefined); // Our session's end will tell the others.
    consumer.onError(failure);
  };
  const managed = manage()
    .then(() => readings.failure()?.error)
    .catch((error) => error)
    .then((failure) => (failure === undefined || isStopping ? undefined : end(failure)));
  return {
    ...readings.controls,
    stop: async () => {
      if (isStopping) return managed;
      isStopping = true;
      waker.wake();
      await managed;
      await readings.stop(readings.units());
      await membership.leave();
    },
  };
}

type Readings = ReturnType<typeof createReadings>;

async function rebalance(membership: Membership, readings: Readings): Promise<void> {
  const { owned, due } = await membership.balance();
  const running = readings.units();
  // Taken from us while we were silent for longer than a lease: others read them already.
  const lost = running.filter((unit) => !owned.includes(unit));
  if (lost.length > 0) await readings.stop(lost).catch(() => undefined); // Its commits are refused by now.
  const leaving = running.filter((unit) => owned.includes(unit) && !due.includes(unit));
  if (leaving.length > 0) {
    await readings.stop(leaving);
    await membership.release(leaving);
  }
  for (const unit of due) if (owned.includes(unit) && !running.includes(unit)) await readings.start(unit);
}

function createReadings(options: SubscribeOptions, membership: Membership) {
  const { store, waker, consumer, topics } = options;
  const commit = createCommit(options, membership);
  const byUnit = new Map<number, readonly Reading[]>();
  let failed: { readonly error: unknown } | undefined;
  const find = (part: TopicPartition) => byUnit.get(part.partition)?.find((r) => r.part.topic === part.topic);
  const fail = (error: unknown) => {
    failed ??= { error };
    waker.wake();
  };

  const stop = async (units: readonly number[]) => {
    const stopping = units.flatMap((unit) => byUnit.get(unit) ?? []);
    for (const reading of stopping) reading.isStopping = true;
    waker.wake();
    await Promise.all(stopping.map(({ done }) => done));
    for (const unit of units) byUnit.delete(unit);
    for (const { part } of stopping) await consumer.onRevoked?.(part);
  };
  const start = async (unit: number) => {
    const readings: Reading[] = topics
      .filter(({ partitions }) => unit < partitions)
      .map((topic) => ({
        part: { topic: topic.name, partition: unit },
        topic,
        isPaused: false,
        isStopping: false,
        done: Promise.resolve(),
      }));
    byUnit.set(unit, readings);
    const starts: PartitionReader[] = [];
    for (const reading of readings) {
      const offset = await startOffset(options, reading, commit);
      starts.push(createPartitionReader(store, reading.topic.id, unit, offset));
    }
    readings.forEach((reading, i) => {
      const reader = starts[i];
      if (reader !== undefined)
        reading.done = readOn({ reading, reader, store, waker, consumer }).catch(fail);
    });
  };
  return {
    start,
    stop,
    /** Stops without a word to the consumer, which has failed. */
    abandon: async () => {
      const all = [...byUnit.values()].flat();
      for (const reading of all) reading.isStopping = true;
      waker.wake();
      await Promise.all(all.map(({ done }) => done));
    },
    units: () => [...byUnit.keys()],
    failure: () => failed,
    controls: {
      commit,
      assigned: () => [...byUnit.values()].flat().map(({ part }) => part),
      pause: (part: TopicPartition) => setPaused(find(part), true),
      resume: (part: TopicPartition) => {
        setPaused(find(part), false);
        waker.wake();
      },
    },
  };
}

type Commit = Subscription['commit'];

function createCommit({ store, consumer, now }: SubscribeOptions, membership: Membership): Commit {
  return (part, { offset, metadata }) => {
    if (metadata.length > metadataCharsMax)
      return Promise.reject(new RangeError(`a commit's metadata is over ${metadataCharsMax} characters`));
    return store.write(() => {
      membership.assertOwner(part.partition);
      store.putCommit(consumer.group, part.topic, part.partition, { offset, metadata, at: now() });
    });
  };
}

async function startOffset(
  { store, consumer }: SubscribeOptions,
  { part, topic }: Reading,
  commit: Commit,
): Promise<number> {
  const stored = store.commitOf(consumer.group, part.topic, part.partition);
  const committed = stored && { offset: stored.offset, metadata: stored.metadata };
  const asked = await consumer.onAssigned?.(part, committed);
  if (asked !== undefined) return asked;
  if (committed !== undefined) return committed.offset;
  const { first, next } = store.partition(topic.id, part.partition);
  if (consumer.from === 'earliest') return first;
  // Remembered at once: should the group restart before its first commit, nothing in between is passed over.
  await commit(part, { offset: next, metadata: '' });
  return next;
}

function setPaused(reading: Reading | undefined, isPaused: boolean): void {
  if (reading === undefined) throw new AppError('CONFLICT', 'the partition is not ours');
  reading.isPaused = isPaused;
}

interface ReadOptions {
  readonly reading: Reading;
  readonly reader: PartitionReader;
  readonly store: EmbeddedStore;
  readonly waker: Waker;
  readonly consumer: Consumer;
}

async function readOn({ reading, reader, store, waker, consumer }: ReadOptions): Promise<void> {
  const { part, topic } = reading;
  const limit = consumer.batchRecordsMax ?? batchRecordsDefault;
  while (!reading.isStopping) {
    const wake = waker.next();
    if (!reading.isPaused) {
      store.refresh();
      const records = reader.next(limit);
      if (records.length > 0) {
        const endOffset = store.partition(topic.id, part.partition).next;
        await consumer.onBatch({ ...part, records, endOffset });
        await nextTurn(); // Batches that are handled without waiting must not starve everything else.
        continue;
      }
    }
    await wake;
  }
}
