import type { StateReader, StateWriter } from '../../state.ts';
import type { Visit } from '../tables/belongings.ts';
import { createRecords } from '../tables/records.ts';

/** How long after it was reached an agent's own step belongs to the same walk: the window of scan statistics. */
const lookBackMs = 1_800_000;
/** Hops of a chain, the newest. */
const hopsMax = 3;

/** Fields of an agent's record: the least likely chain of new edges that ends in it. */
const time = 0; // of its last hop, 0 = none
const hops = 1;
const from = 2; // time of its first hop
const firstAgent = 3; // the agents before this one, the earliest first
const firstLnP = firstAgent + hopsMax; // ln p of the hops, in the same order
const half = firstLnP + hopsMax; // number of the running half hour + 1
const running = half + 1; // arrivals in it, an edge counted once a minute
const former = running + 1; // and in the half hour before
const width = former + 1;

/** A walk over edges that were never used before, as far as it led to one agent. */
export interface Chain {
  hops: number;
  /** UTC ms of the first hop. */
  from: number;
  /** Agents before the last one, the earliest first; as many as there are hops. */
  readonly agents: Int32Array;
  /** ln p of each hop, in the same order. */
  readonly lnPs: Float64Array;
}

/** Where walks have led within the last half hour, by agent. */
export interface Chains {
  /**
   * The chain that a hop out of `agent` makes, longer by that hop than the one which led to `agent`; one hop where
   * none did. The hops before are worth less where many called their end. Scratch: overwritten by the next call.
   */
  extended(agent: number, to: number, hop: Hop): Chain;
  /** A hop over a new edge ended in `agent`. Of several chains the least likely is kept. */
  keep(agent: number, at: number, chain: Chain): void;
  /** Somebody called `agent`. */
  arrive(agent: number, at: number): void;
  /** Everything that belongs to an agent. */
  belongings(agent: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

interface Hop {
  readonly time: number;
  readonly lnP: number;
}

export function createChains(name: string): Chains {
  const records = createRecords(name, width);
  const chain: Chain = { hops: 0, from: 0, agents: new Int32Array(hopsMax), lnPs: new Float64Array(hopsMax) };

  const isFresh = (start: number, now: number) => {
    const reached = records.data[start + time] ?? 0;
    return reached > 0 && now >= reached && now - reached <= lookBackMs;
  };
  /** Arrivals of this and the last half hour, at least 1. */
  const arrivals = (start: number, now: number) => {
    const { data } = records;
    const is = data[start + half] ?? 0;
    const behind = halfOf(now) - is;
    if (behind > 1) return 1;
    return Math.max(1, (data[start + running] ?? 0) + (behind === 1 ? 0 : (data[start + former] ?? 0)));
  };
  return {
    extended: (agent, to, hop) => {
      const start = records.at(agent);
      const { data } = records;
      const before = isFresh(start, hop.time) && !hasPassed(data, start, to) ? (data[start + hops] ?? 0) : 0;
      const dropped = Math.max(0, before + 1 - hopsMax);
      const kept = before - dropped;
      for (let i = 0; i < kept; i += 1) {
        chain.agents[i] = data[start + firstAgent + dropped + i] ?? 0;
        chain.lnPs[i] = data[start + firstLnP + dropped + i] ?? 0;
      }
      // The hop before was the least likely of so many arrivals: each had its chance.
      if (kept > 0)
        chain.lnPs[kept - 1] = Math.min(0, (chain.lnPs[kept - 1] ?? 0) + Math.log(arrivals(start, hop.time)));
      chain.agents[kept] = agent;
      chain.lnPs[kept] = hop.lnP;
      chain.hops = kept + 1;
      chain.from = kept === 0 ? hop.time : (data[start + from] ?? hop.time);
      return chain;
    },
    keep: (agent, at, kept) => {
      const start = records.at(agent);
      const { data } = records;
      const sum = sumOf(kept.lnPs, kept.hops);
      if (isFresh(start, at) && sumOf(data.subarray(start + firstLnP), data[start + hops] ?? 0) <= sum)
        return;
      data[start + time] = at;
      data[start + hops] = kept.hops;
      data[start + from] = kept.from;
      for (let i = 0; i < kept.hops; i += 1) {
        data[start + firstAgent + i] = kept.agents[i] ?? 0;
        data[start + firstLnP + i] = kept.lnPs[i] ?? 0;
      }
    },
    arrive: (agent, at) => {
      const start = records.at(agent);
      const { data } = records;
      const number = halfOf(at);
      const is = data[start + half] ?? 0;
      if (number > is) {
        data[start + former] = is === number - 1 ? (data[start + running] ?? 0) : 0;
        data[start + running] = 0;
        data[start + half] = number;
      }
      data[start + running] = (data[start + running] ?? 0) + 1;
    },
    belongings: (agent, visit) => visit.row(records, agent),
    save: records.save,
    restore: records.restore,
  };
}

const halfOf = (at: number) => Math.floor(at / lookBackMs) + 1;

/** Has the walk been at this agent? A call and its answer are no walk. */
function hasPassed(data: Float64Array, start: number, agent: number): boolean {
  for (let i = 0; i < (data[start + hops] ?? 0); i += 1)
    if (data[start + firstAgent + i] === agent) return true;
  return false;
}

function sumOf(lnPs: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += lnPs[i] ?? 0;
  return sum;
}
