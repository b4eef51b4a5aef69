import { type Database, open } from 'lmdb';
import { AppError, messageOf } from '../errors.ts';
import type { Committed, TopicSpec } from './log.ts';

/** A topic as it is stored: its spec, and the number that chunk keys use in place of its name. */
export interface StoredTopic extends TopicSpec {
  readonly id: number;
}

/** What is known of a partition without reading it. */
interface PartitionState {
  /** Offset of the first kept record; `next` when none is kept. */
  readonly first: number;
  readonly next: number;
  /** Bytes of its chunks, each rounded up to pages. */
  readonly bytes: number;
  /** Bytes of records that a newer one of the same key has replaced; compacted topics only. */
  readonly replacedBytes: number;
}

/** A group's place, and when it was last told: an abandoned group does not hold records for ever. */
interface StoredCommit extends Committed {
  readonly at: number;
}

/** Who is in a group and who reads which partition number; `version` rises with every change. */
export interface GroupState {
  readonly version: number;
  readonly topics: readonly string[];
  /** Member id → session id. */
  readonly members: Readonly<Record<string, string>>;
  /** Partition number → member id. */
  readonly owners: Readonly<Record<string, string>>;
}

const emptyPartition: PartitionState = { first: 0, next: 0, bytes: 0, replacedBytes: 0 };

type StateKey = readonly (string | number)[];
type ChunkKey = readonly [topic: number, partition: number, base: number];

/** The LMDB environment of a log: what is in it, and the one way to write to it. */
export interface EmbeddedStore {
  /**
   * Queues a change and resolves with its result when it is on disk. Changes that are queued in the same turn of
   * the event loop share one transaction and one sync. A change that throws must not have written before.
   */
  write<T>(change: () => T): Promise<T>;
  /** Lets reads see what other threads and processes have written. */
  refresh(): void;
  topic(name: string): StoredTopic | undefined;
  topics(): readonly StoredTopic[];
  putTopic(topic: StoredTopic): void;
  partition(topic: number, partition: number): PartitionState;
  putPartition(topic: number, partition: number, state: PartitionState): void;
  /** Bytes of all partitions. */
  totalBytes(): number;
  commitOf(group: string, topic: string, partition: number): StoredCommit | undefined;
  putCommit(group: string, topic: string, partition: number, commit: StoredCommit): void;
  /** The commits of all groups for a partition. */
  commitsFor(topic: string, partition: number): readonly StoredCommit[];
  group(name: string): GroupState | undefined;
  putGroup(name: string, state: GroupState): void;
  removeGroup(name: string): void;
  groupNames(): readonly string[];
  /** Chunks that hold `from` or lie after it, in order, as far as they are asked for. */
  chunks(topic: number, partition: number, from: number): Iterable<{ base: number; chunk: Buffer }>;
  putChunk(topic: number, partition: number, base: number, chunk: Buffer): void;
  removeChunk(topic: number, partition: number, base: number): void;
  /** Where the newest record of a key is; compacted topics only. */
  newest(topic: number, partition: number, key: string): NewestRecord | undefined;
  putNewest(topic: number, partition: number, key: string, newest: NewestRecord): void;
  removeNewest(topic: number, partition: number, key: string): void;
  close(): Promise<void>;
}

interface NewestRecord {
  readonly offset: number;
  readonly bytes: number;
  /** The newest record deletes the key. */
  readonly isDeletion: boolean;
}

const pageBytes = 4096; // LMDB's page on the platforms we run on; only an estimate's unit

/** The disk space of a chunk, in whole pages. */
export function storedBytes(chunkBytes: number): number {
  return Math.ceil((chunkBytes + 16) / pageBytes) * pageBytes;
}

// The limit is kept by counting; the map is larger so that pages of the free list and of open readers fit too.
const mapFactor = 2;
const mapReserveBytes = 256 * 2 ** 20;

/**
 * Opens (or creates) the environment in a folder. Several threads and processes of one machine may have it open.
 *
 * @throws {AppError} LOG_UNAVAILABLE: the folder cannot be opened
 */
export function openEmbeddedStore(path: string, bytesMax: number): EmbeddedStore {
  const { root, state, chunks, newest } = openDatabases(path, bytesMax);
  const { write, drain } = createWriteQueue(root);
  const addBytes = (bytes: number) => state.putSync(['total'], (read<number>(['total']) ?? 0) + bytes);
  const read = <T>(key: StateKey) => state.get([...key]) as T | undefined;
  const put = (key: StateKey, value: unknown) => state.putSync([...key], value);
  return {
    write,
    refresh: () => root.resetReadTxn(),
    topic: (name) => read<StoredTopic>(['topic', name]),
    topics: () => [...state.getRange(under('topic'))].map(({ value }) => value as StoredTopic),
    putTopic: (topic) => put(['topic', topic.name], topic),
    partition: (topic, partition) => read<PartitionState>(['part', topic, partition]) ?? emptyPartition,
    putPartition: (topic, partition, next) => {
      const before = read<PartitionState>(['part', topic, partition]) ?? emptyPartition;
      put(['part', topic, partition], next);
      if (next.bytes !== before.bytes) addBytes(next.bytes - before.bytes);
    },
    totalBytes: () => read<number>(['total']) ?? 0,
    commitOf: (group, topic, partition) => read<StoredCommit>(['commit', topic, partition, group]),
    putCommit: (group, topic, partition, commit) => put(['commit', topic, partition, group], commit),
    commitsFor: (topic, partition) =>
      [...state.getRange(under('commit', topic, partition))].map(({ value }) => value as StoredCommit),
    group: (name) => read<GroupState>(['group', name]),
    putGroup: (name, group) => put(['group', name], group),
    removeGroup: (name) => state.removeSync(['group', name]),
    groupNames: () => [...state.getKeys(under('group'))].map((key) => String((key as StateKey)[1])),
    chunks: (topic, partition, from) => chunksFrom(chunks, topic, partition, from),
    putChunk: (topic, partition, base, chunk) => chunks.putSync([topic, partition, base], chunk),
    removeChunk: (topic, partition, base) => chunks.removeSync([topic, partition, base]),
    newest: (topic, partition, key) => newest.get([topic, partition, key]) as NewestRecord | undefined,
    putNewest: (topic, partition, key, record) => newest.putSync([topic, partition, key], record),
    removeNewest: (topic, partition, key) => newest.removeSync([topic, partition, key]),
    close: async () => {
      drain();
      await root.close();
    },
  };
}

function openDatabases(path: string, bytesMax: number) {
  try {
    const root = open({
      path,
      noSubdir: false,
      maxDbs: 4,
      mapSize: bytesMax * mapFactor + mapReserveBytes,
      // A commit is synced before anyone can read it: what a consumer has seen never goes away in a power cut.
      overlappingSync: false,
    });
    root.readerCheck();
    return {
      root,
      state: root.openDB({ name: 'state', encoding: 'msgpack' }),
      chunks: root.openDB({ name: 'chunks', encoding: 'binary' }),
      newest: root.openDB({ name: 'newest', encoding: 'msgpack' }),
    };
  } catch (error) {
    throw new AppError('LOG_UNAVAILABLE', `cannot open the log in ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** All keys that begin with the given parts. */
function under(...prefix: (string | number)[]) {
  return { start: prefix, end: [...prefix, afterAllKeys] };
}
const afterAllKeys = Buffer.from([0xff]); // LMDB's ordered keys put bytes after numbers and texts

function* chunksFrom(chunks: Database, topic: number, partition: number, from: number) {
  const holding = chunks.getKeys({
    start: [topic, partition, from],
    end: [topic, partition],
    reverse: true,
    limit: 1,
  });
  const [first] = [...holding] as unknown as ChunkKey[];
  const start = [topic, partition, first?.[2] ?? from];
  const end = [topic, partition, Number.MAX_SAFE_INTEGER];
  for (const { key, value } of chunks.getRange({ start, end }))
    yield { base: (key as unknown as ChunkKey)[2], chunk: value as Buffer };
}

interface QueuedChange {
  run(): void;
  settle(failure: unknown): void;
}

// Group commit: one sync costs as much for a thousand changes as for one.
function createWriteQueue(root: Database) {
  let queue: QueuedChange[] = [];
  const drain = () => {
    const changes = queue;
    queue = [];
    if (changes.length === 0) return;
    let failure: unknown;
    try {
      root.transactionSync(() => {
        for (const change of changes) change.run();
      });
    } catch (error) {
      failure = storeFailure(error);
    }
    for (const change of changes) change.settle(failure);
  };
  const write = <T>(change: () => T) =>
    new Promise<T>((resolve, reject) => {
      let outcome: () => void = () => undefined;
      const run = () => {
        try {
          const result = change();
          outcome = () => resolve(result);
        } catch (error) {
          outcome = () => reject(error);
        }
      };
      const settle = (failure: unknown) => (failure === undefined ? outcome() : reject(failure));
      if (queue.push({ run, settle }) === 1) setImmediate(drain);
    });
  return { write, drain };
}

function storeFailure(error: unknown): AppError {
  const isFull = /MAP_FULL|No space left/.test(messageOf(error));
  return isFull
    ? new AppError('LOG_FULL', 'the disk or the map of the log is full: free space or raise log.bytes_max', {
        cause: error,
      })
    : new AppError('LOG_UNAVAILABLE', `the log could not be written: ${messageOf(error)}`, { cause: error });
}
