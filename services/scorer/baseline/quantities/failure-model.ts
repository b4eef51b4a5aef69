import type { View } from '../../detectors/detector.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import type { Visit } from '../tables/belongings.ts';
import { createRecords, type Records } from '../tables/records.ts';

/** What the beta-binomial tail of a failure is computed from: so many failures in so many trials, Beta(a, b). */
export interface FailureNumbers {
  readonly count: number;
  readonly trials: number;
  readonly a: number;
  readonly b: number;
}

/**
 * How many of the newest calls out of, or into, an agent failed, against how many of the older ones did.
 *
 * Failures come in clusters: one bad request is tried again, one bad hour spoils many. How strongly they do is
 * learned from whole windows of the peer group, by moments, and widens the prediction.
 *
 * @source beta-binomial: Skellam 1948, JRSS B 10(2); its correlation by moments: Williams 1975, Biometrics 31(4)
 */
export interface FailureModel {
  /** What the view's call is tested by, if it failed. */
  numbers(view: View): FailureNumbers;
  /** The share that the view's agent is expected to fail in. */
  share(view: View): number;
  /** The same of its group. */
  groupShare(view: View): number;
  /** Calls of the agent's own that the expectation rests on. */
  known(view: View): number;
  learn(view: View, isFailed: boolean, weight: number): void;
  /** All that belongs to an agent. */
  belongings(agent: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// The newest calls are tested, the older ones are what they are tested against. As many as a number has bits.
const windowSize = 32;
/** The group's share of failures counts as much as twenty calls of one's own. */
export const groupWeight = 20;
// Beyond so many calls the old ones fade: both counts are halved.
const memoryMax = 5000;
// Where nothing is known, a correlation of a twentieth within a window, which counts as much as two windows.
const correlationPrior = 0.05;
const priorWindows = 2;
// Beyond this every failure is one and the same, and the beta distribution has no body left.
const correlationMax = 0.9;
// A window teaches up to three standard deviations: Huber's bounded influence.
const influenceMax = 3;

/** Fields of a record: failures and calls that have left the window, its outcomes as bits, and how many it holds. */
const failed = 0;
const total = 1;
const bits = 2;
const held = 3; // up to a window while it fills, then on to twice as many and back: a new window is full

/** Fields of a group beside `failed` and `total`: by how much windows stray beyond chance, and by how much they could. */
const excess = 2;
const room = 3;
const width = 4;

const endOf = ({ agent, side }: View) => agent * 2 + (side === 'source' ? 0 : 1);
const groupOf = ({ group, side }: View) => group * 2 + (side === 'source' ? 0 : 1);

export function createFailureModel(): FailureModel {
  const ends = createRecords('ends', width);
  const groups = createRecords('groups', width);
  const field = (view: View, name: number) => ends.data[endOf(view) * width + name] ?? 0;
  const groupShare = (view: View) => {
    const at = groupOf(view) * width;
    return ((groups.data[at + failed] ?? 0) + 0.5) / ((groups.data[at + total] ?? 0) + groupWeight);
  };
  const share = (view: View) => {
    const prior = groupShare(view) * groupWeight;
    return (field(view, failed) + prior) / (field(view, total) + groupWeight);
  };
  /** How strongly failures within a window of the view's group go together: 0 = not at all. */
  const correlation = (view: View) => {
    const at = groupOf(view) * width;
    const prior = priorWindows * roomOf(groupShare(view));
    const strayed = (groups.data[at + excess] ?? 0) + correlationPrior * prior;
    return Math.min(correlationMax, Math.max(0, strayed / ((groups.data[at + room] ?? 0) + prior)));
  };
  /** A window has passed: by how much did it stray, and by how much could it have? */
  const noteWindow = (view: View, weight: number) => {
    const expected = share(view);
    const strayed = bitsIn(field(view, bits)) - windowSize * expected;
    const chance = windowSize * expected * (1 - expected);
    const reach = influenceMax ** 2 * (chance + correlation(view) * roomOf(expected));
    const at = groups.at(groupOf(view));
    const { data } = groups;
    data[at + excess] = (data[at + excess] ?? 0) + weight * (Math.min(reach, strayed * strayed) - chance);
    data[at + room] = (data[at + room] ?? 0) + weight * roomOf(expected);
  };

  return {
    numbers: (view) => {
      // Two reasons to stray: the share is known from so many calls only, and what fails fails together.
      const unsure = 1 / (field(view, total) + groupWeight + 1);
      const together = unsure + (1 - unsure) * correlation(view);
      const weight = 1 / together - 1;
      const a = share(view) * weight;
      const count = 1 + bitsIn(field(view, bits) & (2 ** (windowSize - 1) - 1));
      return { count, trials: Math.min(windowSize, field(view, held) + 1), a, b: weight - a };
    },
    share,
    groupShare,
    known: (view) => field(view, total),
    learn: (view, isFailed, weight) => {
      const isPassed = take([ends, endOf(view)], [groups, groupOf(view)], isFailed);
      if (isPassed) noteWindow(view, weight);
    },
    belongings: (agent, visit) => {
      visit.row(ends, agent * 2);
      visit.row(ends, agent * 2 + 1);
    },
    save: (state) => {
      ends.save(state);
      groups.save(state);
    },
    restore: (state) => {
      ends.restore(state);
      groups.restore(state);
    },
  };
}

/** The variance of a window's failures that full correlation would add. */
const roomOf = (share: number) => windowSize * (windowSize - 1) * share * (1 - share);

/** Two standard deviations above the mean of a beta-binomial count. */
export function usuallyAtMost({ trials, a, b }: FailureNumbers): number {
  const share = a / (a + b);
  const variance = trials * share * (1 - share) * (1 + (trials - 1) / (a + b + 1));
  return Math.min(trials, Math.ceil(trials * share + 2 * Math.sqrt(variance)));
}

/**
 * Takes an outcome into the window; what leaves it becomes history, and the group's with it.
 *
 * @returns whether another window of outcomes has passed, for which there is a history to compare it with
 */
function take(
  [ends, end]: readonly [Records, number],
  [groups, group]: readonly [Records, number],
  isFailed: boolean,
): boolean {
  const at = ends.at(end);
  const { data } = ends;
  const mask = data[at + bits] ?? 0;
  if ((data[at + held] ?? 0) >= windowSize) {
    const isLeaving = mask >= 2 ** (windowSize - 1) ? 1 : 0;
    remember(data, at, isLeaving);
    const groupAt = groups.at(group); // makes room, so before `data` is read
    remember(groups.data, groupAt, isLeaving);
  }
  data[at + bits] = (mask % 2 ** (windowSize - 1)) * 2 + (isFailed ? 1 : 0);
  const now = (data[at + held] ?? 0) + 1;
  const isPassed = now === 2 * windowSize;
  data[at + held] = isPassed ? windowSize : now;
  return isPassed;
}

function remember(data: Float64Array, at: number, failure: number): void {
  data[at + failed] = (data[at + failed] ?? 0) + failure;
  data[at + total] = (data[at + total] ?? 0) + 1;
  if ((data[at + total] ?? 0) <= memoryMax) return;
  data[at + failed] = (data[at + failed] ?? 0) / 2;
  data[at + total] = (data[at + total] ?? 0) / 2;
}

/** How many of the 32 lowest bits are set. */
function bitsIn(mask: number): number {
  let rest = mask >>> 0;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
