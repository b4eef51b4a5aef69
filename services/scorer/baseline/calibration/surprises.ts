import { logShareOfPast, type PastNumbers } from '#shared/explain/past.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import { createRecords } from '../tables/records.ts';
import { fitPast } from './surprise-fit.ts';

/**
 * How surprising a group's windows usually are to a model: its p becomes the share of past windows that were at least
 * as surprising. Whatever is wrong with the model in the same way for all, because its dispersion is only a guess, or
 * because it looks twice, is gone from that share; what is left in it is who stands out within the group. Keeps
 * nothing for each agent.
 *
 * The body is a histogram of surprises, the tail beyond the 98 % quantile exponential. Floods are no part of the past:
 * what is suspicious teaches little, and what lies far beyond where the ordinary windows' tail would end is left out
 * whenever the past is fitted, so that an attack does not become ordinary by going on.
 */
export interface Surprises {
  /** ln p as the group's past has it, from ln p as the model has it. Finite for finite input, and keeps its order. */
  calibrate(group: number, lnP: number): number;
  /** What `calibrate` is computed from: a copy. */
  numbers(group: number, lnP: number): PastNumbers;
  /** Takes in ln p, as the model has it, of a window that has closed. `weight` in (0, 1]: what is suspicious teaches little. */
  learn(group: number, lnP: number, weight: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// Eight bins to a nat up to 4 nats, then eight to an octave up to 16,384: 9 % wide.
const binsPerNat = 8;
const evenBelow = 4;
const evenBins = binsPerNat * evenBelow;
const binsPerOctave = 8;
const bins = evenBins + binsPerOctave * 12;
/** Where bins begin, in nats; the last one's end beside them. */
const edges = Float64Array.from({ length: bins + 1 }, (_, bin) => edgeOf(bin));

// Fields of a group's record, beside its bins.
const total = bins;
const sinceFit = bins + 1;
const ordinary = bins + 2; // windows that are part of the past, as of the last fit
const tailFrom = bins + 3; // the bin in which the tail begins
const tailSlope = bins + 4;
const logShares = bins + 5; // at the start of each bin up to the tail's
const width = logShares + bins;
// At 200,000 windows the tail at 1e-5 is known to a factor of 1.8 (detection reference, 2.10); older ones may fade.
const windowsMax = 200_000;
const refitEvery = 64;

/** @param key under which the surprises are saved */
export function createSurprises(key: string): Surprises {
  const records = createRecords(key, width);
  const found: PastNumbers = { windows: 0, start: 0, share: 1, slope: 1 }; // scratch: the hot path allocates nothing

  const read = (group: number, lnP: number) => {
    const at = records.at(group);
    const { data } = records;
    const tail = data[at + tailFrom] ?? 0;
    const isFitted = (data[at + ordinary] ?? 0) > 0;
    const bin = Math.min(tail, binOf(-lnP));
    const log = data[at + logShares + bin] ?? 0;
    found.windows = data[at + ordinary] ?? 0;
    found.start = edges[bin] ?? 0;
    found.share = Math.exp(log);
    if (!isFitted) found.slope = 1;
    else if (bin === tail) found.slope = data[at + tailSlope] ?? 1;
    else found.slope = (log - (data[at + logShares + bin + 1] ?? 0)) / ((edges[bin + 1] ?? 0) - found.start);
  };
  const refit = (at: number) => {
    const { data } = records;
    const past = fitPast(data.subarray(at, at + bins), edges);
    data.set(past.logShares, at + logShares);
    data[at + ordinary] = past.windows;
    data[at + tailFrom] = past.tail;
    data[at + tailSlope] = past.slope;
    data[at + sinceFit] = 0;
  };
  return {
    calibrate: (group, lnP) => {
      read(group, lnP);
      return logShareOfPast(lnP, found);
    },
    numbers: (group, lnP) => {
      read(group, lnP);
      return { ...found };
    },
    learn: (group, lnP, weight) => {
      const at = records.at(group);
      const { data } = records;
      const bin = binOf(-lnP);
      data[at + bin] = (data[at + bin] ?? 0) + weight;
      data[at + total] = (data[at + total] ?? 0) + weight;
      data[at + sinceFit] = (data[at + sinceFit] ?? 0) + 1;
      if ((data[at + total] ?? 0) > windowsMax)
        for (let i = 0; i <= total; i += 1) data[at + i] = (data[at + i] ?? 0) / 2;
      if ((data[at + sinceFit] ?? 0) >= refitEvery) refit(at);
    },
    save: records.save,
    restore: records.restore,
  };
}

function binOf(surprise: number): number {
  const place =
    surprise < evenBelow ? surprise * binsPerNat : evenBins + binsPerOctave * Math.log2(surprise / evenBelow);
  return Math.min(bins - 1, Math.max(0, Math.floor(place)));
}

function edgeOf(bin: number): number {
  return bin < evenBins ? bin / binsPerNat : evenBelow * 2 ** ((bin - evenBins) / binsPerOctave);
}
