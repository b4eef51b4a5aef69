import { mkdirSync } from 'node:fs';
import { type Database, open } from 'lmdb';
import { type Attic, type Stored, withVersion } from '../engine/attic.ts';

/** Baselines of evicted agents and edges on disk, for all partitions of a process. */
export interface AtticFile {
  /** The attic of one partition. */
  of(partition: number): Attic;
  close(): Promise<void>;
}

interface Version {
  readonly time: number;
  readonly bytes: Uint8Array;
}

type ItemKey = [partition: number, key: string];
type AgeKey = [time: number, partition: number, key: string];

// When the limit is reached an eighth is dropped at once, the oldest first.
const keptShare = 7 / 8;
const mapFactor = 2; // pages of the free list and half-filled ones count in the map, not for the limit
const mapReserveBytes = 64 * 2 ** 20;
const overheadBytes = 100; // of an item: its keys, twice, and what LMDB adds

/**
 * Opens (or creates) the attic in a folder. A transaction, and a sync of the disk, a call of `put`: one a batch of
 * evicted agents.
 *
 * @param bytesMax beyond it the oldest by event time are dropped
 */
export function openAtticFile(path: string, bytesMax: number): AtticFile {
  mkdirSync(path, { recursive: true });
  const mapSize = bytesMax * mapFactor + mapReserveBytes;
  const root = open({ path, mapSize, maxDbs: 3, encoding: 'msgpack' });
  const items: Database<readonly Version[], ItemKey> = root.openDB({ name: 'items', encoding: 'msgpack' });
  const ages: Database<number, AgeKey> = root.openDB({ name: 'ages', encoding: 'msgpack' });
  const sizes: Database<number, string> = root.openDB({ name: 'sizes', encoding: 'msgpack' });
  const grow = (bytes: number) => sizes.putSync('total', (sizes.get('total') ?? 0) + bytes);

  /** Writes the versions of an item, and notes which of them came and went. */
  const write = (key: ItemKey, versions: readonly Version[]) => {
    for (const { time, bytes } of items.get(key) ?? []) {
      ages.removeSync([time, ...key]);
      grow(-bytes.length - overheadBytes);
    }
    for (const { time, bytes } of versions) {
      ages.putSync([time, ...key], 1);
      grow(bytes.length + overheadBytes);
    }
    if (versions.length === 0) items.removeSync(key);
    else items.putSync(key, versions);
  };
  const drop = () => {
    if ((sizes.get('total') ?? 0) <= bytesMax) return;
    for (const [time, ...key] of [...ages.getKeys({ limit: dropMax })]) {
      if ((sizes.get('total') ?? 0) <= bytesMax * keptShare) return;
      write(
        key,
        (items.get(key) ?? []).filter((version) => version.time !== time),
      );
    }
  };
  return {
    of: (partition) => ({
      put: (added) => {
        root.transactionSync(() => {
          for (const item of added) {
            const key: ItemKey = [partition, item.key];
            write(key, withVersion(items.get(key) ?? [], versionOf(item)));
          }
          drop();
        });
      },
      get: (key, time) => items.get([partition, key])?.find((version) => version.time <= time)?.bytes,
      get isEmpty() {
        return (sizes.get('total') ?? 0) === 0;
      },
    }),
    close: () => root.close(),
  };
}

const dropMax = 1_000_000; // items of one drop: more than the eighth of any limit that fits a disk
const versionOf = ({ time, bytes }: Stored): Version => ({ time, bytes });
