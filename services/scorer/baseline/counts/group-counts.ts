import { emptyGroupTail, type GroupTailNumbers, logGroupTail } from '#shared/explain/count-tail.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import { createRecords } from '../tables/records.ts';

/**
 * How many events the active windows of a peer group's members hold: a histogram with a Pareto tail. It is what a
 * member without a history is measured against, and keeps every member's tail as heavy as its group's.
 */
export interface GroupCounts {
  /** ln of the mid-p of `count` or more, for a typical member; ln(1/(1 + count)) while nothing is known. */
  tail(group: number, count: number): number;
  /** Writes what `tail` is computed from. */
  read(group: number, count: number, into: GroupTailNumbers): void;
  /** The group's median count. */
  median(group: number): number;
  learn(group: number, count: number, weight: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// Counts below 16 have a bin each, larger ones eight to the octave: 9 % wide, up to 2^42.
const exactBelow = 16;
const binsPerOctave = 8;
const bins = exactBelow + binsPerOctave * 38;
const total = bins;
const tailBin = bins + 1;
const tailLog = bins + 2;
const tailMass = bins + 3;
const sinceFit = bins + 4;
const reach = bins + 5; // from here on: mass of each bin and all above it, as of the last fit
const width = reach + bins + 1;
// The generalised Pareto tail of Siffer et al. 2017 begins at the 98 % quantile; here, at 20 windows at least.
const tailShare = 0.02;
const tailWindowsMin = 20;
const tailPriorWindows = 5; // what the prior's tail index weighs
const tailIndexPrior = 0.5; // between exponential (0) and infinite mean (1)
const fitEvery = 64;
// At 200,000 windows the tail at 1e-5 is known to a factor of 1.8; older ones may then fade.
const windowsMaxDefault = 200_000;

/**
 * @param name of its blocks in a snapshot
 * @param windowsMax beyond so many windows old ones fade
 */
export function createGroupCounts(name: string, windowsMax: number = windowsMaxDefault): GroupCounts {
  const records = createRecords(name, width);
  const scratch = emptyGroupTail(); // the hot path allocates nothing

  const refit = (at: number) => {
    const { data } = records;
    const n = data[at + total] ?? 0;
    const need = Math.max(n * tailShare, Math.min(n / 2, tailWindowsMin));
    let bin = bins - 1;
    let mass = data[at + bin] ?? 0;
    let logs = 0;
    while (bin > 1 && mass < need) {
      bin -= 1;
      mass += data[at + bin] ?? 0;
    }
    const from = lowest(bin);
    for (let i = bin; i < bins; i += 1) logs += (data[at + i] ?? 0) * Math.log(middle(i) / from);
    data[at + tailBin] = bin;
    data[at + reach + bins] = 0;
    for (let i = bins - 1; i >= 0; i -= 1) {
      data[at + reach + i] = (data[at + reach + i + 1] ?? 0) + (data[at + i] ?? 0);
    }
    data[at + tailMass] = (mass + 0.5) / (n + 1);
    data[at + tailLog] = (logs + tailIndexPrior * tailPriorWindows) / (mass + tailPriorWindows);
    data[at + sinceFit] = 0;
  };

  const read = (group: number, count: number, into: GroupTailNumbers) => {
    const at = records.at(group);
    const { data } = records;
    const isKnown = (data[at + total] ?? 0) >= 1;
    const bin = binOf(count);
    const tailFrom = data[at + tailBin] ?? 0;
    const reached = data[at + reach + bin + 1] ?? 0;
    into.more = count;
    into.windows = isKnown ? (data[at + reach] ?? 0) : 0;
    into.above = reached;
    into.same = (data[at + reach + bin] ?? 0) - reached;
    into.mass = isKnown && bin > tailFrom ? (data[at + tailMass] ?? 1) : 0;
    into.start = lowest(tailFrom);
    into.index = data[at + tailLog] ?? tailIndexPrior;
  };

  return {
    tail: (group, count) => {
      read(group, count, scratch);
      return logGroupTail(scratch);
    },
    read,
    median: (group) => {
      const at = records.at(group);
      const half = (records.data[at + total] ?? 0) / 2;
      let mass = 0;
      for (let i = 0; i < bins; i += 1) {
        mass += records.data[at + i] ?? 0;
        if (mass > half) return Math.round(middle(i));
      }
      return 0;
    },
    learn: (group, count, weight) => {
      const at = records.at(group);
      const { data } = records;
      data[at + binOf(count)] = (data[at + binOf(count)] ?? 0) + weight;
      data[at + total] = (data[at + total] ?? 0) + weight;
      data[at + sinceFit] = (data[at + sinceFit] ?? 0) + 1;
      if ((data[at + total] ?? 0) > windowsMax)
        for (let i = 0; i <= bins; i += 1) data[at + i] = (data[at + i] ?? 0) / 2;
      if ((data[at + sinceFit] ?? 0) >= fitEvery || (data[at + total] ?? 0) < fitEvery) refit(at);
    },
    save: records.save,
    restore: records.restore,
  };
}

const binOf = (count: number) =>
  count < exactBelow
    ? count
    : Math.min(bins - 1, Math.floor(exactBelow + binsPerOctave * Math.log2(count / exactBelow)));
const lowest = (bin: number) =>
  bin < exactBelow ? Math.max(bin, 0.5) : exactBelow * 2 ** ((bin - exactBelow) / binsPerOctave);
const middle = (bin: number) => (bin < exactBelow ? Math.max(bin, 0.5) : (lowest(bin) + lowest(bin + 1)) / 2);
