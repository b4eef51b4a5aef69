import { createHash } from 'node:crypto';
import { type ChunkRecord, chunkHead, chunkRuns, decodeChunk, encodeChunk } from './embedded-chunk.ts';
import { type EmbeddedStore, type StoredTopic, storedBytes } from './embedded-store.ts';

// One transaction's share of work: appends wait no longer than this takes.
const chunksPerStepMax = 64;
const bytesPerStepMax = 8 * 2 ** 20;

/** How long a deletion stays readable in a compacted topic; Kafka's default of `delete.retention.ms`. */
const deletionKeptMs = 24 * 60 * 60 * 1000;

/** A group that has not committed for so long holds no records; Kafka's default of `offsets.retention.minutes`. */
const groupForgottenMs = 7 * 24 * 60 * 60 * 1000;

/** The name under which the newest record of a key is indexed: keys may be longer than LMDB's. */
export function keyDigest(key: string): string {
  return createHash('sha256').update(key).digest('base64');
}

/**
 * One pass over the log: deletes what retention allows and compacts what is worth it, a bounded step at a time.
 * A record that a living group has still to read is kept beyond its retention: the log then grows to its limit and
 * refuses appends, so that a slow reader means back-pressure and not loss.
 *
 * @param compactBytesMin replaced bytes from which a partition is compacted, once they are half of all its bytes
 */
export async function maintain(store: EmbeddedStore, now: number, compactBytesMin: number): Promise<void> {
  store.refresh();
  for (const topic of store.topics()) {
    for (let partition = 0; partition < topic.partitions; partition++) {
      if (topic.isCompacted) await compact({ store, topic, partition, now, compactBytesMin });
      while (expired(store, topic, partition, now).length > 0)
        await store.write(() => retire(store, topic, partition, now));
    }
  }
}

interface ExpiredChunk {
  readonly base: number;
  readonly end: number;
  readonly bytes: number;
}

/** The oldest chunks that may go, at most a step's worth. */
function expired(
  store: EmbeddedStore,
  topic: StoredTopic,
  partition: number,
  now: number,
): readonly ExpiredChunk[] {
  const { first, next, bytes } = store.partition(topic.id, partition);
  if (topic.isCompacted || (topic.retentionMs === 0 && topic.retentionBytes === 0)) return [];
  const unread = Math.min(
    ...store
      .commitsFor(topic.name, partition)
      .filter(({ at }) => at > now - groupForgottenMs)
      .map(({ offset }) => offset),
  );
  const found: ExpiredChunk[] = [];
  let kept = bytes;
  for (const { base, chunk } of store.chunks(topic.id, partition, first)) {
    const { newestTimestamp, lastStep } = chunkHead(chunk);
    const end = base + lastStep + 1;
    const isOld = topic.retentionMs > 0 && newestTimestamp < now - topic.retentionMs;
    const isOver = topic.retentionBytes > 0 && kept > topic.retentionBytes && end < next;
    if (end > unread || !(isOld || isOver) || found.length === chunksPerStepMax) break;
    kept -= storedBytes(chunk.length);
    found.push({ base, end, bytes: storedBytes(chunk.length) });
  }
  return found;
}

function retire(store: EmbeddedStore, topic: StoredTopic, partition: number, now: number): void {
  const chunks = expired(store, topic, partition, now);
  const last = chunks.at(-1);
  if (last === undefined) return;
  const state = store.partition(topic.id, partition);
  for (const { base } of chunks) store.removeChunk(topic.id, partition, base);
  const bytes = state.bytes - chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  store.putPartition(topic.id, partition, { ...state, first: last.end, bytes });
}

interface CompactOptions {
  readonly store: EmbeddedStore;
  readonly topic: StoredTopic;
  readonly partition: number;
  readonly now: number;
  readonly compactBytesMin: number;
}

async function compact(options: CompactOptions): Promise<void> {
  const { store, topic, partition, compactBytesMin } = options;
  const { first, next, bytes, replacedBytes } = store.partition(topic.id, partition);
  if (replacedBytes < compactBytesMin || replacedBytes * 2 < bytes) return;
  // Up to where the partition ends now: what is appended meanwhile is the next pass's.
  let from = first;
  while (from < next) {
    const start = from;
    from = await store.write(() => compactStep(options, start));
  }
  await store.write(() => {
    const state = store.partition(topic.id, partition);
    const [head] = store.chunks(topic.id, partition, 0);
    store.putPartition(topic.id, partition, { ...state, first: head?.base ?? state.next, replacedBytes: 0 });
  });
}

/** Rewrites some chunks without their replaced records; returns the offset at which to go on. */
function compactStep({ store, topic, partition, now }: CompactOptions, from: number): number {
  const kept: ChunkRecord[] = [];
  const bases: number[] = [];
  let [bytes, end] = [0, from];
  for (const { base, chunk } of store.chunks(topic.id, partition, from)) {
    if (bases.length === chunksPerStepMax || bytes >= bytesPerStepMax) break;
    bases.push(base);
    bytes += storedBytes(chunk.length);
    end = base + chunkHead(chunk).lastStep + 1;
    for (const record of decodeChunk(chunk, base, base)) {
      const survivor = surviving(store, topic, partition, record, now);
      if (survivor !== undefined) kept.push(survivor);
    }
  }
  if (bases.length === 0) return Number.POSITIVE_INFINITY;
  for (const base of bases) store.removeChunk(topic.id, partition, base);
  let keptBytes = 0;
  for (const run of chunkRuns(kept)) keptBytes += putRun(store, topic, partition, run);
  const state = store.partition(topic.id, partition);
  store.putPartition(topic.id, partition, { ...state, bytes: state.bytes - bytes + keptBytes });
  return end;
}

function surviving(
  store: EmbeddedStore,
  topic: StoredTopic,
  partition: number,
  record: ChunkRecord & { readonly key: string | null },
  now: number,
): ChunkRecord | undefined {
  if (record.key === null) return record;
  const digest = keyDigest(record.key);
  const newest = store.newest(topic.id, partition, digest);
  if (newest?.offset !== record.offset) return undefined;
  if (!newest.isDeletion) return record;
  if (record.timestamp > now - deletionKeptMs) return { ...record, value: null };
  store.removeNewest(topic.id, partition, digest);
  return undefined;
}

function putRun(
  store: EmbeddedStore,
  topic: StoredTopic,
  partition: number,
  run: readonly ChunkRecord[],
): number {
  const base = run[0]?.offset ?? 0;
  const chunk = encodeChunk(run.map((record) => ({ ...record, offset: record.offset - base })));
  store.putChunk(topic.id, partition, base, chunk);
  return storedBytes(chunk.length);
}
