import { type CountNumbers, emptyCount, logCountTail } from '#shared/explain/count-tail.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import { changeFields, noteUnusual } from '../calibration/change-test.ts';
import { learningWeight } from '../calibration/learning.ts';
import { createRecords, type Records } from '../tables/records.ts';
import { createGroupCounts } from './group-counts.ts';
import { createSeasonality } from './seasonality.ts';

// Fields of a slot's record. Only active windows count, each as the events beyond its first, so that a silent
// agent costs nothing and "speaks at all" stays the matter of other tests.
export const window = 0; // number of the running window + 1; 0 = none yet
export const count = 1;
export const sum = 2; // A of formula 2.1
export const exposure = 3; // B
const excess = 4; // V
export const square = 5; // W
const change = 6; // of the change test
const patience = change + changeFields; // unusual hours after which the change is believed
const width = patience + 1;

// The peer group's histogram weighs as much as two windows of one's own.
const groupWindows = 2;
export const ownWindowsMin = 2;
// Beyond so many windows a member says no more about what a newcomer of its group would do.
export const newcomerWindows = 20;
// A count teaches up to three standard deviations of its prediction: Huber's bounded influence.
const influenceMax = 3;
// A level that stays is the new normal, not an attack: of an everyday caller after a day of unusual hours, of a rare
// one after a week of them, the two cycles that agents live by. Between them it is in proportion to how rare it is.
const patienceHoursMin = 24;
const patienceHoursMax = 168;
const dispersionMin = 0.05;
const announced = Number.POSITIVE_INFINITY;
/** The familiarity of a planned change: it is believed at once. */
export const ofPlannedChange = () => announced;

/** The negative binomial of each slot, mixed with its peer group's histogram; windows teach it as they close. */
export interface CountModel {
  readonly records: Records;
  /** ln of the mid-p of `more` events beyond a window's first. */
  tail(at: number, group: number, more: number, time: number): number;
  /** What `tail` is computed from: a copy. */
  numbers(at: number, group: number, more: number, time: number): CountNumbers;
  /** The mean that a slot with a history of its own is expected to have. */
  mean(at: number, group: number, time: number): number;
  /** What a typical member of the group shows. */
  groupMedian(group: number): number;
  /** Lets the running window teach. `familiarity`: ln p of how common the caller is. */
  close(at: number, group: number, windowMs: number, familiarity: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export function createCountModel(name: string): CountModel {
  const records = createRecords(name, width);
  const groups = createGroupCounts(`${name}-groups`);
  const season = createSeasonality(`${name}-season`);
  const owned = emptyCount(); // scratch: the hot path allocates nothing

  const read = (at: number, group: number, more: number, time: number) => {
    groups.read(group, more, owned);
    const windows = records.data[at + exposure] ?? 0;
    owned.share = windows < ownWindowsMin ? 1 : groupWindows / (groupWindows + windows);
    if (owned.share < 1) predict(records.data, at, owned, season.factor(group, time));
  };
  const tail = (at: number, group: number, more: number, time: number): number => {
    read(at, group, more, time);
    return logCountTail(owned);
  };
  const learn = (at: number, input: Closing) => {
    const { data } = records;
    const { group, start, weight, windows } = input;
    let { more } = input;
    if (windows < ownWindowsMin) {
      owned.mean = more;
    } else {
      predict(records.data, at, owned, season.factor(group, start));
      const deviation = Math.sqrt(owned.mean + owned.dispersion * owned.mean * owned.mean);
      if (!input.isAccepted) more = Math.min(more, owned.mean + influenceMax * deviation + 1);
    }
    season.learn(group, start, weight * more, weight * owned.mean);
    data[at + sum] = (data[at + sum] ?? 0) + weight * more;
    data[at + exposure] = windows + weight * season.factor(group, start);
    data[at + excess] = (data[at + excess] ?? 0) + weight * ((more - owned.mean) ** 2 - owned.mean);
    data[at + square] = (data[at + square] ?? 0) + weight * owned.mean * owned.mean;
  };

  return {
    records,
    tail,
    numbers: (at, group, more, time) => {
      read(at, group, more, time);
      return { ...owned };
    },
    mean: (at, group, time) => {
      predict(records.data, at, owned, season.factor(group, time));
      return owned.mean;
    },
    groupMedian: groups.median,
    close: (at, group, windowMs, familiarity) => {
      const { data } = records;
      const start = ((data[at + window] ?? 1) - 1) * windowMs;
      const more = (data[at + count] ?? 1) - 1;
      const usual = learningWeight(tail(at, group, more, start));
      const hasLasted = hasChanged(data, at, start, { isUnusual: usual < 0.5, familiarity });
      const isAccepted = (hasLasted || familiarity === announced) && usual < 1;
      const weight = isAccepted ? 1 : usual;
      const windows = data[at + exposure] ?? 0;
      if (windows < newcomerWindows) groups.learn(group, more, weight);
      learn(at, { group, start, more, weight, windows, isAccepted });
    },
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

interface Prediction {
  mean: number;
  dispersion: number;
}

/** Formula 2.1 for the slot whose record starts at `at`: mean with season, dispersion inflated by what the mean is known from. */
function predict(data: Float64Array, at: number, into: Prediction, factor: number): void {
  const total = (data[at + sum] ?? 0) + 0.5;
  const mean = total / (data[at + exposure] ?? 1);
  const weight = mean * mean; // one window's worth of prior: dispersion 1, as of a geometric count
  const dispersion = ((data[at + excess] ?? 0) + weight) / ((data[at + square] ?? 0) + weight);
  into.mean = mean * factor;
  into.dispersion = (1 + Math.max(dispersionMin, dispersion)) * (1 + 1 / total) - 1;
}

interface Closing {
  readonly group: number;
  /** Start of the window, UTC ms. */
  readonly start: number;
  /** Events beyond the window's first. */
  readonly more: number;
  readonly weight: number;
  /** Windows that the slot has seen, decayed. */
  readonly windows: number;
  /** The agent's ways have changed for good: no bound on what the window teaches. */
  readonly isAccepted: boolean;
}

/** Has what it counts been unusual for longer than is believed to be an attack? */
function hasChanged(
  data: Float64Array,
  at: number,
  time: number,
  seen: { readonly isUnusual: boolean; readonly familiarity: number },
): boolean {
  const hours = noteUnusual(data, at + change, time, seen.isUnusual);
  // How familiar it was *before* it changed: the change itself would make it familiar.
  if (hours < 1) {
    data[at + patience] = Math.min(patienceHoursMax, patienceHoursMin / Math.exp(seen.familiarity));
  }
  return hours >= 1 && hours >= (data[at + patience] ?? patienceHoursMax);
}
