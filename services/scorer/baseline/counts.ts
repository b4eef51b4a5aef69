import { logAddExp } from '#shared/stats/log-add-exp.ts';
import { logNegativeBinomialTail } from '#shared/stats/log-negative-binomial-tail.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { createGroupCounts } from './group-counts.ts';
import { learningWeight } from './learning.ts';
import { createRecords } from './records.ts';
import { createSeasonality } from './seasonality.ts';

/** What a running window holds against what it should: all that evidence needs. */
export interface CountView {
  readonly observed: number;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  readonly source: 'self' | 'group' | 'mixed';
  readonly groupExpected: number;
  readonly from: number;
  readonly to: number;
}

/** Events in windows of fixed length, by slot: the negative binomial of formula 2.1, mixed with the peer group. */
export interface Counts {
  readonly windowMs: number;
  /** ln p of the running window with one more event: P(at least so many | at least one), mid-p. 1: no test. */
  score(slot: number, group: number, time: number): number;
  describe(slot: number, group: number, time: number): CountView;
  /**
   * Counts an event; the slot's former window closes and teaches.
   *
   * @param familiarity ln p of how common the caller is: how soon a change of its ways is believed
   */
  learn(slot: number, group: number, time: number, familiarity: number): void;
  forget(slot: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// Fields of a slot's record. Only active windows count, each as the events beyond its first, so that a silent
// agent costs nothing and "speaks at all" stays the matter of other tests.
const window = 0; // number of the running window + 1; 0 = none yet
const count = 1;
const sum = 2; // A of formula 2.1
const exposure = 3; // B
const excess = 4; // V
const square = 5; // W
const unusualHours = 6; // how long the counts have been unusual
const hour = 7;
const balance = 8; // unusual minus usual windows of the running hour
const patience = 9; // unusual hours after which the change is believed
const width = 10;

const hourMs = 3_600_000;
const halfLifeMs = 28 * 24 * hourMs; // four weekly seasons
// The peer group's histogram weighs as much as two windows of one's own.
const groupWindows = 2;
const ownWindowsMin = 2;
// Beyond so many windows a member says no more about what a newcomer of its group would do.
const newcomerWindows = 20;
// A count teaches up to three standard deviations of its prediction: Huber's bounded influence.
const influenceMax = 3;
// A level that stays is the new normal, not an attack: of an everyday caller after a day of unusual hours, of a rare
// one after a week of them, the two cycles that agents live by. Between them it is in proportion to how rare it is.
const patienceHoursMin = 24;
const patienceHoursMax = 168;
const dispersionMin = 0.05;

export function createCounts(name: string, windowMs: number): Counts {
  const records = createRecords(name, width);
  const groups = createGroupCounts(`${name}-groups`);
  const season = createSeasonality(`${name}-season`);
  const owned = { mean: 0, dispersion: 0 }; // scratch of `predict`: the hot path allocates nothing

  const predict = (at: number, factor: number) => {
    const { data } = records;
    const total = (data[at + sum] ?? 0) + 0.5;
    const baseMean = total / (data[at + exposure] ?? 1);
    const weight = baseMean * baseMean; // one window's worth of prior: dispersion 1, as of a geometric count
    const dispersion = Math.max(
      dispersionMin,
      ((data[at + excess] ?? 0) + weight) / ((data[at + square] ?? 0) + weight),
    );
    owned.mean = baseMean * factor;
    owned.dispersion = (1 + dispersion) * (1 + 1 / total) - 1; // predictive: the mean is known from `total` events
  };
  const tailOf = (at: number, group: number, more: number, time: number): number => {
    const ofGroup = groups.tail(group, more);
    const windows = records.data[at + exposure] ?? 0;
    if (windows < ownWindowsMin) return ofGroup;
    predict(at, season.factor(group, time));
    const own =
      more <= owned.mean
        ? -Math.LN2
        : logNegativeBinomialTail({ count: more, mean: owned.mean, dispersion: owned.dispersion }).midAtLeast;
    const share = groupWindows / (groupWindows + windows);
    return logAddExp(Math.log(share) + ofGroup, Math.log1p(-share) + own);
  };
  const runningCount = (at: number, time: number): number =>
    records.data[at + window] === Math.floor(time / windowMs) + 1 ? (records.data[at + count] ?? 0) : 0;

  const close = (at: number, group: number, familiarity: number) => {
    const { data } = records;
    const start = ((data[at + window] ?? 1) - 1) * windowMs;
    let more = (data[at + count] ?? 1) - 1;
    let weight = learningWeight(tailOf(at, group, more, start));
    const isAccepted = noteHour(data, at, start, { isUnusual: weight < 0.5, familiarity }) && weight < 1;
    if (isAccepted) weight = 1;
    const windows = data[at + exposure] ?? 0;
    if (windows < newcomerWindows) groups.learn(group, more, weight);
    if (windows < ownWindowsMin) {
      owned.mean = more;
    } else {
      predict(at, season.factor(group, start));
      const deviation = Math.sqrt(owned.mean + owned.dispersion * owned.mean * owned.mean);
      if (!isAccepted) more = Math.min(more, owned.mean + influenceMax * deviation + 1);
    }
    season.learn(group, start, weight * more, weight * owned.mean);
    const factor = season.factor(group, start);
    data[at + sum] = (data[at + sum] ?? 0) + weight * more;
    data[at + exposure] = windows + weight * factor;
    data[at + excess] = (data[at + excess] ?? 0) + weight * ((more - owned.mean) ** 2 - owned.mean);
    data[at + square] = (data[at + square] ?? 0) + weight * owned.mean * owned.mean;
  };

  return {
    windowMs,
    score: (slot, group, time) => {
      const at = records.at(slot);
      if ((records.data[at + window] ?? 0) > Math.floor(time / windowMs) + 1) return 1; // its window has closed
      return tailOf(at, group, runningCount(at, time), time);
    },
    describe: (slot, group, time) => {
      const at = records.at(slot);
      const windows = records.data[at + exposure] ?? 0;
      const median = groups.median(group);
      const isOwn = windows >= ownWindowsMin;
      if (isOwn) predict(at, season.factor(group, time));
      const reaches = (p: number) => countAt((more) => tailOf(at, group, more, time) > Math.log(p));
      const from = Math.floor(time / windowMs) * windowMs;
      return {
        observed: runningCount(at, time) + 1,
        expected: (isOwn ? owned.mean : median) + 1,
        lower: reaches(0.975) + 1,
        upper: reaches(0.025) + 1,
        source: !isOwn ? 'group' : windows < newcomerWindows ? 'mixed' : 'self',
        groupExpected: median + 1,
        from,
        to: from + windowMs,
      };
    },
    learn: (slot, group, time, familiarity) => {
      const at = records.at(slot);
      const number = Math.floor(time / windowMs) + 1;
      const running = records.data[at + window] ?? 0;
      if (number < running) return; // late: its window has closed, and a baseline is no place to reopen it
      if (number > running) {
        if (running > 0) {
          close(at, group, familiarity);
          fade(records.data, at, 2 ** (-((number - running) * windowMs) / halfLifeMs));
        }
        records.data[at + window] = number;
        records.data[at + count] = 0;
      }
      records.data[at + count] = (records.data[at + count] ?? 0) + 1;
    },
    forget: records.clear,
    save: (state) => {
      records.save(state);
      groups.save(state);
      season.save(state);
    },
    restore: (state) => {
      records.restore(state);
      groups.restore(state);
      season.restore(state);
    },
  };
}

/**
 * Counts the hours in which the counts were unusual more often than not.
 *
 * @returns whether that has lasted long enough to be a change of the agent's ways
 */
function noteHour(
  data: Float64Array,
  at: number,
  time: number,
  seen: { readonly isUnusual: boolean; readonly familiarity: number },
): boolean {
  const number = Math.floor(time / hourMs) + 1;
  if (data[at + hour] !== number) {
    const lasted = data[at + unusualHours] ?? 0;
    if ((data[at + hour] ?? 0) > 0) {
      data[at + unusualHours] = (data[at + balance] ?? 0) > 0 ? lasted + 1 : Math.max(0, lasted - 1);
    }
    data[at + hour] = number;
    data[at + balance] = 0;
  }
  data[at + balance] = (data[at + balance] ?? 0) + (seen.isUnusual ? 1 : -1);
  const hours = data[at + unusualHours] ?? 0;
  // How familiar it was *before* it changed: the change itself would make it familiar.
  if (hours < 1) {
    data[at + patience] = Math.min(patienceHoursMax, patienceHoursMin / Math.exp(seen.familiarity));
  }
  return hours >= 1 && hours >= (data[at + patience] ?? patienceHoursMax);
}

function fade(data: Float64Array, at: number, factor: number): void {
  for (let field = sum; field <= square; field += 1) data[at + field] = (data[at + field] ?? 0) * factor;
}

/** The largest count that is still reached; 0 when none is. Doubling, then halving: at most 2 × 42 steps. */
function countAt(isReached: (count: number) => boolean): number {
  let high = 1;
  while (high < 2 ** 42 && isReached(high)) high *= 2;
  let low = high === 1 ? 0 : high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isReached(middle)) low = middle;
    else high = middle;
  }
  return low;
}
