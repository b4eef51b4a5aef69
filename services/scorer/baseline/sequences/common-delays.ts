import type { StateReader, StateWriter } from '../../state.ts';
import { createRecords } from '../tables/records.ts';

/**
 * How much later than usual all answer whom an agent calls: what they have in common is the agent, its machine or its
 * line, and not they. It is the median of how late the newest answer of each of the six was that it called last, of
 * the two in the middle the smaller: no single one of them can make it. Forgotten after a minute.
 *
 * The room is fixed: of two callers that share a place, the one that was answered last has it.
 */
interface CommonDelays {
  /** Of those that `caller` called last, in ms; 0 where it called fewer than two. */
  of(caller: number, time: number): number;
  /** Of those that it called last but one, in ms; 0 where it called nobody else. */
  beside(caller: number, peer: number, time: number): number;
  /** An answer of `peer` came so much later than usual, ms. */
  learn(caller: number, peer: number, time: number, lateMs: number): void;
  /** The slot is given to another agent. */
  forget(caller: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const peersMax = 6; // beyond it the one that was not called for longest gives way
const callersMax = 2048; // at once; 311 KB
const restMsMax = 60_000;
const nobody = -1;

/** Fields of a place: whose it is (agent + 1), and then, of each of its peers: */
const owner = 0;
const peers = 1;
const name = 0; // peer + 1, 0 = free
const late = 1; // ms
const at = 2; // UTC ms
const fields = 3;

/** @param key under which they are saved */
export function createCommonDelays(key: string): CommonDelays {
  const records = createRecords(key, peers + peersMax * fields);
  const sorted = new Float64Array(peersMax); // scratch: the hot path allocates nothing
  const get = (place: number, field: number) => records.data[place + field] ?? 0;

  const median = (caller: number, time: number, left: number, countMin: number): number => {
    const start = (caller % callersMax) * records.width;
    if (get(start, owner) !== caller + 1) return 0;
    let count = 0;
    for (let place = start + peers; place < start + records.width; place += fields) {
      const isFresh = get(place, name) > 0 && time - get(place, at) <= restMsMax;
      if (!isFresh || get(place, name) === left + 1) continue;
      insert(sorted, count, get(place, late));
      count += 1;
    }
    return count < countMin ? 0 : (sorted[(count - 1) >> 1] ?? 0);
  };
  /** Where the peer is, or else the one that was not called for longest. */
  const placeOf = (caller: number, peer: number): number => {
    const start = records.at(caller % callersMax);
    if (get(start, owner) !== caller + 1) {
      records.clear(caller % callersMax);
      records.data[start + owner] = caller + 1;
    }
    let oldest = start + peers;
    for (let place = oldest; place < start + records.width; place += fields) {
      if (get(place, name) === peer + 1) return place;
      if (get(place, at) < get(oldest, at)) oldest = place;
    }
    return oldest;
  };
  return {
    of: (caller, time) => median(caller, time, nobody, 2),
    beside: (caller, peer, time) => median(caller, time, peer, 1),
    learn: (caller, peer, time, lateMs) => {
      const place = placeOf(caller, peer);
      records.data[place + name] = peer + 1;
      records.data[place + late] = lateMs;
      records.data[place + at] = time;
    },
    forget: (caller) => {
      const place = caller % callersMax;
      if (get(place * records.width, owner) === caller + 1) records.clear(place);
    },
    save: records.save,
    restore: records.restore,
  };
}

/** Puts a value in its place among the first `count`, which are in order. */
function insert(sorted: Float64Array, count: number, value: number): void {
  let i = count;
  for (; i > 0 && (sorted[i - 1] ?? 0) > value; i -= 1) sorted[i] = sorted[i - 1] ?? 0;
  sorted[i] = value;
}
