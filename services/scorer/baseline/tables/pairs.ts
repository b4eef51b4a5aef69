import type { StateReader, StateWriter } from '../../state.ts';
import { createEdges } from './edges.ts';

/**
 * Slots for pairs of an owner (an agent, an edge, a group) and something of its own (an action, a resource): a
 * baseline of each is a record of that slot. The slots of one owner can be walked, so that it can be forgotten.
 */
export interface Pairs {
  readonly count: number;
  /** The slot of a pair; a new one is made. */
  intern(owner: number, item: number): number;
  /** The slot of a pair, or -1. */
  find(owner: number, item: number): number;
  owner(pair: number): number;
  item(pair: number): number;
  /** The owner's newest pair, or -1. */
  first(owner: number): number;
  /** The owner's next older pair, or -1. */
  next(pair: number): number;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const pairsAtStart = 1024;

/** @param key under which the pairs are saved */
export function createPairs(key: string): Pairs {
  const table = createEdges(); // the same hash table of pairs of numbers
  let firsts = new Int32Array(pairsAtStart); // by owner: pair + 1, 0 = none
  let nexts = new Int32Array(pairsAtStart); // by pair: pair + 1, 0 = none

  const link = (owner: number, pair: number) => {
    if (owner >= firsts.length) firsts = grown(firsts, owner);
    if (pair >= nexts.length) nexts = grown(nexts, pair);
    nexts[pair] = firsts[owner] ?? 0;
    firsts[owner] = pair + 1;
  };
  return {
    get count() {
      return table.count;
    },
    intern: (owner, item) => {
      const before = table.count;
      const pair = table.intern(owner, item);
      if (pair === before) link(owner, pair);
      return pair;
    },
    find: table.find,
    owner: table.source,
    item: table.destination,
    first: (owner) => (firsts[owner] ?? 0) - 1,
    next: (pair) => (nexts[pair] ?? 0) - 1,
    save: (state) => table.save(state.within(key)),
    restore: (state) => {
      table.restore(state.within(key));
      firsts = new Int32Array(pairsAtStart);
      nexts = new Int32Array(pairsAtStart);
      for (let pair = 0; pair < table.count; pair += 1) link(table.source(pair), pair);
    },
  };
}

function grown(data: Int32Array<ArrayBuffer>, index: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(Math.max(index + 1, data.length * 2));
  copy.set(data);
  return copy;
}
