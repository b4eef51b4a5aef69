import type { StateReader, StateWriter } from '../../state.ts';
import { slotsWithout } from './slots-without.ts';

/** Every directed edge between two agents that the engine has met, by slot. */
export interface Edges {
  readonly count: number;
  /** The slot of an edge; a new one is made. */
  intern(source: number, destination: number): number;
  /** The slot of an edge, or -1. */
  find(source: number, destination: number): number;
  source(edge: number): number;
  destination(edge: number): number;
  /** The slots that edges have, ascending. */
  slots(): readonly number[];
  /** Gives a slot back: the next new edge gets it. */
  release(edge: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const edgesAtStart = 4096;
const emptyBucket = -1;

/** A hash table of pairs of numbers in three arrays: no object and no string an edge. */
export function createEdges(): Edges {
  let ends = new Int32Array(edgesAtStart * 2); // source and destination of each edge
  let buckets = new Int32Array(edgesAtStart * 2).fill(emptyBucket); // at most half full
  let count = 0; // slots in use or free
  let free: number[] = [];

  const bucketOf = (source: number, destination: number): number => {
    const mask = buckets.length - 1;
    let bucket = hashOf(source, destination) & mask;
    for (;;) {
      const edge = buckets[bucket] ?? emptyBucket;
      if (edge === emptyBucket) return bucket;
      if (ends[edge * 2] === source && ends[edge * 2 + 1] === destination) return bucket;
      bucket = (bucket + 1) & mask;
    }
  };
  const hold = (saved: Int32Array, edges: number) => {
    let size = edgesAtStart;
    while (size < edges) size *= 2; // a power of two, which the mask needs
    ends = new Int32Array(size * 2);
    ends.set(saved);
    buckets = new Int32Array(size * 2).fill(emptyBucket);
    for (let edge = 0; edge < count; edge += 1) {
      if ((ends[edge * 2] ?? 0) < 0) continue; // free
      buckets[bucketOf(ends[edge * 2] ?? 0, ends[edge * 2 + 1] ?? 0)] = edge;
    }
  };

  return {
    get count() {
      return count - free.length;
    },
    intern: (source, destination) => {
      let bucket = bucketOf(source, destination);
      const known = buckets[bucket] ?? emptyBucket;
      if (known !== emptyBucket) return known;
      if (free.length === 0 && count * 2 >= ends.length) {
        hold(ends, count + 1);
        bucket = bucketOf(source, destination);
      }
      const edge = free.pop() ?? count;
      if (edge === count) count += 1;
      buckets[bucket] = edge;
      ends[edge * 2] = source;
      ends[edge * 2 + 1] = destination;
      return edge;
    },
    find: (source, destination) => buckets[bucketOf(source, destination)] ?? emptyBucket,
    source: (edge) => ends[edge * 2] ?? 0,
    destination: (edge) => ends[edge * 2 + 1] ?? 0,
    slots: () => slotsWithout(count, free),
    release: (edge) => {
      vacate(ends, buckets, bucketOf(ends[edge * 2] ?? 0, ends[edge * 2 + 1] ?? 0));
      ends.fill(-1, edge * 2, edge * 2 + 2);
      free.push(edge);
    },
    save: (state) => {
      state.block('ends', ends.subarray(0, count * 2));
      state.value('free', free);
    },
    restore: (state) => {
      free = (state.value('free') ?? []) as number[];
      const saved = state.ints('ends') ?? new Int32Array(0);
      count = saved.length / 2;
      hold(saved, count);
    },
  };
}

// 32-bit mixing constants of MurmurHash3's finaliser (Austin Appleby, public domain).
function hashOf(source: number, destination: number): number {
  let hash = Math.imul(source, 0x85ebca6b) ^ Math.imul(destination + 0x9e3779b9, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Empties a bucket and moves up what would no longer be found behind it. Knuth, TAOCP 3, 6.4, algorithm R. */
function vacate(ends: Int32Array, buckets: Int32Array, from: number): void {
  const mask = buckets.length - 1;
  let hole = from;
  buckets[hole] = emptyBucket;
  for (let at = (from + 1) & mask; buckets[at] !== emptyBucket; at = (at + 1) & mask) {
    const edge = buckets[at] ?? emptyBucket;
    const home = hashOf(ends[edge * 2] ?? 0, ends[edge * 2 + 1] ?? 0) & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue; // its search does not pass the hole
    buckets[hole] = edge;
    buckets[at] = emptyBucket;
    hole = at;
  }
}
