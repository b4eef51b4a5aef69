import { readRange } from './follow.ts';
import type { EventLog, TopicPartition } from './log.ts';
import { repeatableKey } from './record-id.ts';

/**
 * How far back a repeat is noticed, in records of a partition: seventeen seconds at 15,000 events a second, more than
 * the retry of a shipper's request takes. A repeat from between half and the whole of it is noticed or not.
 */
const recentRecordsMax = 262_144;

/** The repeatable ids among the newest records of one partition. */
export interface RecentIds {
  /** Counts one record; true if its id was among the recent ones. `key` as of `repeatableKey`. */
  isRepeat(key: number | undefined): boolean;
}

/**
 * Two hash tables of keys: when the newer one has seen half a window of records, it becomes the older one. So the memory
 * is bounded (4 MB, none while no id can repeat), and nothing has to be deleted one by one.
 */
export function createRecentIds(recordsMax: number = recentRecordsMax): RecentIds {
  const half = Math.max(1, Math.floor(recordsMax / 2));
  let newer = emptyTable(half);
  let older = emptyTable(half);
  let records = 0;
  return {
    isRepeat: (key) => {
      if (records === half) {
        const cleared = older;
        older = newer;
        newer = cleared;
        newer.clear();
        records = 0;
      }
      records += 1;
      if (key === undefined) return false;
      if (newer.has(key)) return true;
      const isOlder = older.has(key);
      newer.add(key); // so that the third of three repeats is noticed too
      return isOlder;
    },
  };
}

interface Table {
  has(key: number): boolean;
  add(key: number): void;
  clear(): void;
}

/** Open addressing with linear probing, at most half full. 0 stands for an empty slot; key 0 is kept as 1. */
function emptyTable(keysMax: number): Table {
  const slots = 2 ** Math.ceil(Math.log2(keysMax * 2));
  let keys: Float64Array | undefined;
  const slotOf = (table: Float64Array, key: number) => {
    let slot = (Math.floor(key / 2 ** 20) ^ key) & (slots - 1); // both halves of the key
    while (table[slot] !== 0 && table[slot] !== key) slot = (slot + 1) & (slots - 1);
    return slot;
  };
  return {
    has: (key) => keys !== undefined && keys[slotOf(keys, key || 1)] === (key || 1),
    add: (key) => {
      keys ??= new Float64Array(slots);
      keys[slotOf(keys, key || 1)] = key || 1;
    },
    clear: () => keys?.fill(0),
  };
}

/** The ids that may repeat among the records before an offset, read back from the log: what a restart has to know. */
export async function recentIdsBefore(
  log: EventLog,
  part: TopicPartition,
  offset: number,
): Promise<RecentIds> {
  const recentIds = createRecentIds();
  const range = { from: Math.max(0, offset - recentRecordsMax), to: offset };
  await readRange(log, part, range, ({ value }) => void recentIds.isRepeat(repeatableKey(value)));
  return recentIds;
}
