import { promisify } from 'node:util';
import { crc32, zstdCompress, zstdDecompress } from 'node:zlib';
import { AppError } from '#shared/errors.ts';
import { readAll } from '#shared/log/follow.ts';
import type { EventLog, TopicPartition } from '#shared/log/log.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** The state of an engine together with where in the log it was. */
export interface Snapshot {
  readonly state: Buffer;
  /** Next offset to read, by topic. */
  readonly offsets: Readonly<Record<string, number>>;
}

/** Keeps the newest snapshot of one part in a compacted topic. */
export interface SnapshotKeeper {
  load(): Promise<Snapshot | undefined>;
  /** Resolves when the snapshot is durable and is the one that `load` gives. */
  save(snapshot: Snapshot): Promise<void>;
}

/** What makes chunks a snapshot: written last, so that an unfinished save leaves the one before in force. */
interface Manifest {
  readonly slot: 0 | 1;
  readonly chunks: number;
  readonly bytes: number;
  readonly crc32: number;
  readonly offsets: Readonly<Record<string, number>>;
}

// Half of Kafka's default message size of a megabyte, whatever the client adds.
const chunkBytes = 512 * 1024;

/**
 * Snapshots in chunks under two sets of keys in turn: a save never touches the chunks of the one in force. Of the two
 * the newest that is whole is loaded: a scorer that was silent for too long may still be writing over the other when a
 * new owner has the partition already.
 *
 * @param name tells the snapshots of one partition apart: `scorer`, `correlator`
 */
export function createSnapshotKeeper(log: EventLog, part: TopicPartition, name: string): SnapshotKeeper {
  let slot: 0 | 1 = 1;
  const manifestKey = (of: 0 | 1) => `${name}/${of}/manifest`;
  const chunkKey = (of: 0 | 1, index: number) => `${name}/${of}/${index}`;
  return {
    async load() {
      const chunks = new Map<string, Buffer>();
      let manifests: readonly Manifest[] = []; // newest first
      await readAll(log, part, ({ key, value }) => {
        if (key === manifestKey(0) || key === manifestKey(1)) {
          const manifest = JSON.parse(value.toString('utf8')) as Manifest;
          manifests = [manifest, ...manifests.filter((other) => other.slot !== manifest.slot)];
        } else if (key?.startsWith(`${name}/`)) chunks.set(key, value);
      });
      for (const manifest of manifests) {
        const keys = Array.from({ length: manifest.chunks }, (_, index) => chunkKey(manifest.slot, index));
        const packed = Buffer.concat(keys.flatMap((key) => chunks.get(key) ?? []));
        if (packed.length !== manifest.bytes || crc32(packed) !== manifest.crc32) continue;
        slot = manifest.slot;
        return { state: await decompress(packed), offsets: manifest.offsets };
      }
      if (manifests.length === 0) return undefined;
      const where = `${part.topic}/${part.partition}`;
      throw new AppError(
        'STATE_INVALID',
        `the snapshot ${name} in ${where} is damaged; delete the topic to relearn`,
      );
    },
    async save({ state, offsets }) {
      const next = slot === 0 ? 1 : 0;
      const packed = await compress(state);
      const count = Math.ceil(packed.length / chunkBytes);
      const { partition } = part;
      const manifest: Manifest = {
        slot: next,
        chunks: count,
        bytes: packed.length,
        crc32: crc32(packed),
        offsets,
      };
      for (let index = 0; index < count; index += 1) {
        const value = packed.subarray(index * chunkBytes, (index + 1) * chunkBytes);
        await log.append(part.topic, [{ key: chunkKey(next, index), value, partition }]);
      }
      await log.append(part.topic, [{ key: manifestKey(next), value: JSON.stringify(manifest), partition }]);
      slot = next;
    },
  };
}
