import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { AppError, messageOf } from '../errors.ts';
import { type ChunkRecord, chunkRuns, encodeChunk } from './embedded-chunk.ts';
import { forgetDeadGroups, groupBackend } from './embedded-group.ts';
import { keyDigest, maintain } from './embedded-maintenance.ts';
import { createPartitionReader } from './embedded-reader.ts';
import { assertRoom, type RoomLimits } from './embedded-room.ts';
import { openSession } from './embedded-session.ts';
import { type EmbeddedStore, openEmbeddedStore, type StoredTopic, storedBytes } from './embedded-store.ts';
import { createWaker } from './embedded-wake.ts';
import type { Waker } from './group-backend.ts';
import type { AppendRecord, EventLog, Subscription, TopicPartition, TopicSpec } from './log.ts';
import { createRecordRouter } from './record-routing.ts';
import { subscribeWith } from './subscription.ts';

export interface EmbeddedLogOptions {
  /** Folder of the log, created when missing; on a local disk. Threads and processes of one machine may share it. */
  readonly path: string;
  readonly clock: Clock;
  /** Bytes of kept records beyond which appends are refused with LOG_FULL, until retention has made room. */
  readonly bytesMax?: number;
  /** Bytes to leave free on the disk: below, appends are refused with LOG_FULL unless the file has room inside. */
  readonly diskFreeBytesMin?: number;
  /** How often retention and compaction are applied. */
  readonly maintainEveryMs?: number;
  /** Replaced bytes of a compacted partition from which it is compacted. */
  readonly compactBytesMin?: number;
  /** Silence after which another thread's or machine's members lose their partitions. */
  readonly leaseMs?: number;
}

const defaults = {
  bytesMax: 32 * 2 ** 30,
  diskFreeBytesMin: 64 * 2 ** 20,
  maintainEveryMs: 10_000,
  compactBytesMin: 4 * 2 ** 20,
  leaseMs: 10_000,
};

/**
 * The event log in a folder, on LMDB: for one machine, with any number of threads and processes.
 *
 * @throws {AppError} LOG_UNAVAILABLE: the folder cannot be opened
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EventLog> {
  const { path, clock, bytesMax, diskFreeBytesMin, maintainEveryMs, compactBytesMin, leaseMs } = {
    ...defaults,
    ...options,
  };
  const limits = { path, bytesMax, diskFreeBytesMin };
  const store = openEmbeddedStore(path, bytesMax);
  const session = await openSession(path, leaseMs);
  await forgetDeadGroups(store, session);
  const waker = createWaker(join(path, 'data.mdb'));
  const subscriptions = new Set<Subscription>();
  const keeper = startMaintenance({ store, clock, maintainEveryMs, compactBytesMin });
  let isClosed = false;
  const open = <T>(work: () => Promise<T>): Promise<T> =>
    isClosed ? Promise.reject(new AppError('LOG_CLOSED', `the log in ${path} is closed`)) : work();
  const topicOf = (name: string): StoredTopic => {
    store.refresh();
    const topic = store.topic(name);
    if (topic !== undefined) return topic;
    throw new AppError('NOT_FOUND', `the log in ${path} has no topic ${name}`);
  };
  const append = createAppend({ store, clock, limits, waker, topicOf, onFull: keeper.hurry });
  return {
    append: (topic, records) => open(() => append(topic, records)),
    ensureTopics: (specs) => open(() => ensureAll(store, specs)),
    subscribe: (consumer) =>
      open(async () => {
        const topics = consumer.topics.map(topicOf);
        const backend = groupBackend({ store, session, waker, clock, group: consumer.group, topics });
        const subscription = await subscribeWith(
          backend,
          consumer,
          topics.map(({ partitions }) => partitions),
        );
        subscriptions.add(subscription);
        return subscription;
      }),
    read: (part, offset, limit) =>
      open(async () => readPart(store, topicOf(part.topic), part, offset, limit)),
    offsets: (topic) => open(async () => offsetsOf(store, topicOf(topic))),
    lag: (group, topic) => open(async () => lagOf(store, topicOf(topic), group)),
    ping: () => open(() => pingStore(store, keeper.failure())),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()));
      await keeper.stop();
      waker.close();
      await session.close();
      await store.close();
    },
  };
}

function ensureAll(store: EmbeddedStore, specs: readonly TopicSpec[]): Promise<void> {
  return store.write(() => {
    for (const spec of specs) ensureTopic(store, spec);
  });
}

function ensureTopic(store: EmbeddedStore, spec: TopicSpec): void {
  const known = store.topic(spec.name);
  const id = known?.id ?? Math.max(0, ...store.topics().map((topic) => topic.id)) + 1;
  const partitions = Math.max(spec.partitions, known?.partitions ?? 1);
  store.putTopic({ ...spec, id, partitions });
}

interface AppendOptions {
  readonly store: EmbeddedStore;
  readonly clock: Clock;
  readonly limits: RoomLimits;
  readonly waker: Waker;
  readonly topicOf: (name: string) => StoredTopic;
  readonly onFull: () => void;
}

function createAppend({ store, clock, limits, waker, topicOf, onFull }: AppendOptions) {
  const { route } = createRecordRouter();
  return async (name: string, records: readonly AppendRecord[]): Promise<void> => {
    if (records.length === 0) return;
    const topic = topicOf(name);
    if (topic.isCompacted && records.some(({ key }) => key === null))
      throw new AppError('INPUT_INVALID', `${name} is compacted: each of its records needs a key`);
    const timestamp = clock.now();
    const routed = [...route(name, topic.partitions, records)].map(([partition, own]) => ({
      partition,
      chunks: chunksFor(own, timestamp),
    }));
    const bytes = routed.flatMap(({ chunks }) => chunks).reduce((sum, chunk) => sum + chunk.bytes, 0);
    await store.write(() => {
      try {
        assertRoom(store, limits, bytes);
      } catch (error) {
        onFull();
        throw error;
      }
      for (const { partition, chunks } of routed) storeChunks(store, topic, partition, chunks);
    });
    waker.wake();
  };
}

interface NewChunk {
  readonly records: readonly ChunkRecord[];
  readonly chunk: Buffer;
  readonly bytes: number;
}

function chunksFor(records: readonly AppendRecord[], timestamp: number): readonly NewChunk[] {
  const chunkRecords = records.map(({ key, value }, offset) => ({ offset, key, value, timestamp }));
  return [...chunkRuns(chunkRecords)].map((run) => {
    const base = run[0]?.offset ?? 0;
    const own = base === 0 ? run : run.map((record) => ({ ...record, offset: record.offset - base }));
    const chunk = encodeChunk(own);
    return { records: own, chunk, bytes: storedBytes(chunk.length) };
  });
}

function storeChunks(
  store: EmbeddedStore,
  topic: StoredTopic,
  partition: number,
  chunks: readonly NewChunk[],
): void {
  const state = store.partition(topic.id, partition);
  let { next, bytes, replacedBytes } = state;
  for (const { records, chunk, bytes: chunkBytes } of chunks) {
    store.putChunk(topic.id, partition, next, chunk);
    if (topic.isCompacted) replacedBytes += indexKeys(store, topic, partition, next, records);
    next += records.length;
    bytes += chunkBytes;
  }
  store.putPartition(topic.id, partition, { first: state.first, next, bytes, replacedBytes });
}

/** Notes where each key's newest record is; returns the bytes that these records replace. */
function indexKeys(
  store: EmbeddedStore,
  topic: StoredTopic,
  partition: number,
  base: number,
  records: readonly ChunkRecord[],
): number {
  let replaced = 0;
  for (const { key, value, offset } of records) {
    const digest = keyDigest(String(key));
    replaced += store.newest(topic.id, partition, digest)?.bytes ?? 0;
    const bytes = (value === null ? 0 : Buffer.byteLength(value)) + Buffer.byteLength(String(key));
    store.putNewest(topic.id, partition, digest, {
      offset: base + offset,
      bytes,
      isDeletion: value === null,
    });
  }
  return replaced;
}

function readPart(
  store: EmbeddedStore,
  topic: StoredTopic,
  { partition }: TopicPartition,
  offset: number,
  limit: number,
) {
  return createPartitionReader(store, topic.id, partition, Math.max(offset, 0)).next(limit);
}

function offsetsOf(store: EmbeddedStore, topic: StoredTopic) {
  return Array.from({ length: topic.partitions }, (_, partition) => {
    const { first, next } = store.partition(topic.id, partition);
    return { partition, first, next };
  });
}

function lagOf(store: EmbeddedStore, topic: StoredTopic, group: string): number {
  return offsetsOf(store, topic).reduce((lag, { partition, first, next }) => {
    const committed = store.commitOf(group, topic.name, partition)?.offset ?? first;
    return lag + next - Math.max(committed, first);
  }, 0);
}

async function pingStore(store: EmbeddedStore, failure: unknown): Promise<void> {
  if (failure !== undefined)
    throw new AppError('LOG_UNAVAILABLE', `the log's upkeep fails: ${messageOf(failure)}`, {
      cause: failure,
    });
  await store.write(() => undefined);
}

interface MaintenanceOptions {
  readonly store: EmbeddedStore;
  readonly clock: Clock;
  readonly maintainEveryMs: number;
  readonly compactBytesMin: number;
}

// A full log is looked over at once, but not for each of the appends that it refuses.
const hurryEveryMsMin = 200;

function startMaintenance({ store, clock, maintainEveryMs, compactBytesMin }: MaintenanceOptions) {
  const ending = new AbortController();
  let hurry = new AbortController();
  let failure: unknown;
  let passedAt = 0;
  const run = async () => {
    while (!ending.signal.aborted) {
      const cut = AbortSignal.any([ending.signal, hurry.signal]);
      await clock.sleep(maintainEveryMs, cut).catch(() => undefined); // Cut short, by an end or by a full log.
      if (ending.signal.aborted) return;
      hurry = new AbortController();
      passedAt = clock.now();
      // A failed pass shows in `ping` until one succeeds; the next one tries again.
      await maintain(store, clock.now(), compactBytesMin).then(
        () => {
          failure = undefined;
        },
        (error) => {
          failure = error;
        },
      );
    }
  };
  const done = run();
  return {
    failure: () => failure,
    hurry: () => {
      if (clock.now() - passedAt >= hurryEveryMsMin) hurry.abort();
    },
    stop: async () => {
      ending.abort();
      await done;
    },
  };
}
