import { logNewness, logRank, type RankNumbers } from '#shared/explain/rank.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import type { Visit } from '../tables/belongings.ts';
import { createRecords } from '../tables/records.ts';

/**
 * How common things are by the minutes in which they occur: the p of a thing is the share of all active minutes
 * that belong to things no more active than it. Minutes, not events: a flood of 200,000 calls makes its caller no
 * more familiar than a call a minute would.
 */
export interface Ranks {
  /**
   * ln of the mid-p of a thing as rarely active as this one, in (−∞, 0).
   *
   * @param prior what is expected of a population without history: `weight` minutes of which a `share` were new
   */
  score(slot: number, population: number, prior?: NewPrior): number;
  /** What `score` and `newness` are computed from: a copy. */
  numbers(slot: number, population: number, prior?: NewPrior): RankNumbers;
  /** Is it the first minute of this thing? */
  isNew(slot: number): boolean;
  /** ln of the chance that the next active minute of the population is of something new. */
  newness(population: number, prior?: NewPrior): number;
  /** Minutes in which it was active, and the median of active minutes over the population's minutes. */
  describe(slot: number, population: number): { readonly minutes: number; readonly typical: number };
  /** Takes an occurrence in; true when it begins a minute that the thing was not active in. */
  learn(slot: number, population: number, time: number): boolean;
  /** Everything that belongs to a thing. */
  belongings(slot: number, visit: Visit): void;
  populationBelongings(population: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export interface NewPrior {
  readonly weight: number;
  readonly share: number;
}

// Good and Turing's rate with the half of Krichevsky and Trofimov: nothing is impossible.
const ignorance: NewPrior = { weight: 1, share: 0.5 };

const minuteMs = 60_000;
// Things: active minutes, last active minute + 1.
const minutes = 0;
const last = 1;
// Populations: mass by eighth-octaves of active minutes, then total and singletons.
const octaves = 24; // up to 2^24 minutes: 31 years

/**
 * @param name of its blocks in a snapshot
 * @param binsPerOctave how finely activity is told apart: 8 for a few large populations, 1 for many small ones
 */
export function createRanks(name: string, binsPerOctave: number): Ranks {
  const bins = binsPerOctave * octaves + 1;
  const total = bins;
  const singletons = bins + 1;
  const binOf = (active: number) => Math.min(bins - 1, Math.round(binsPerOctave * Math.log2(active)));
  const things = createRecords(name, 2);
  const populations = createRecords(`${name}-populations`, bins + 2);

  // Scratch: the hot path allocates nothing.
  const found: RankNumbers = { minutes: 0, unseen: 0, below: 0, same: 0, all: 0 };
  const readPopulation = (at: number, prior: NewPrior) => {
    // Good and Turing: what occurred once measures what never did.
    found.unseen = (populations.data[at + singletons] ?? 0) + prior.weight * prior.share;
    found.all = (populations.data[at + total] ?? 0) + Math.max(found.unseen, prior.weight);
  };
  const read = (slot: number, population: number, prior: NewPrior) => {
    const active = things.data[things.at(slot) + minutes] ?? 0;
    const at = populations.at(population);
    readPopulation(at, prior);
    const bin = active === 0 ? 0 : binOf(active);
    found.minutes = active;
    found.below = active === 0 ? 0 : massBelow(populations.data, at, bin);
    found.same = active === 0 ? 0 : (populations.data[at + bin] ?? 0);
  };

  return {
    score: (slot, population, prior = ignorance) => {
      read(slot, population, prior);
      return logRank(found);
    },
    numbers: (slot, population, prior = ignorance) => {
      read(slot, population, prior);
      return { ...found };
    },
    isNew: (slot) => (things.data[things.at(slot) + minutes] ?? 0) === 0,
    newness: (population, prior = ignorance) => {
      readPopulation(populations.at(population), prior);
      return logNewness(found);
    },
    describe: (slot, population) => {
      const at = populations.at(population);
      const half = (populations.data[at + total] ?? 0) / 2;
      let bin = 0;
      while (bin < bins && massBelow(populations.data, at, bin + 1) < half) bin += 1;
      return {
        minutes: things.data[things.at(slot) + minutes] ?? 0,
        typical: Math.round(2 ** (bin / binsPerOctave)),
      };
    },
    learn: (slot, population, time) => {
      const thing = things.at(slot);
      const minute = Math.floor(time / minuteMs) + 1;
      if ((things.data[thing + last] ?? 0) >= minute) return false;
      things.data[thing + last] = minute;
      const before = things.data[thing + minutes] ?? 0;
      things.data[thing + minutes] = before + 1;
      const at = populations.at(population);
      const { data } = populations;
      if (before > 0) data[at + binOf(before)] = (data[at + binOf(before)] ?? 0) - before;
      data[at + binOf(before + 1)] = (data[at + binOf(before + 1)] ?? 0) + before + 1;
      data[at + total] = (data[at + total] ?? 0) + 1;
      if (before < 2) data[at + singletons] = (data[at + singletons] ?? 0) + (before === 0 ? 1 : -1);
      return true;
    },
    belongings: (slot, visit) => visit.row(things, slot),
    populationBelongings: (population, visit) => visit.row(populations, population),
    save: (state) => {
      things.save(state);
      populations.save(state);
    },
    restore: (state) => {
      things.restore(state);
      populations.restore(state);
    },
  };
}

function massBelow(data: Float64Array, at: number, bin: number): number {
  let mass = 0;
  for (let i = 0; i < bin; i += 1) mass += data[at + i] ?? 0;
  return mass;
}
