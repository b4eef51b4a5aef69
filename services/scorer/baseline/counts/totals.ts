import { tailThreshold } from '#shared/explain/calibration.ts';
import type { PastNumbers } from '#shared/explain/past.ts';
import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import { learningWeight } from '../calibration/learning.ts';
import { createSurprises } from '../calibration/surprises.ts';
import { createQuantities, logUpper, type Prediction, usualRange } from '../quantities/quantities.ts';
import type { Visit } from '../tables/belongings.ts';
import { createRecords } from '../tables/records.ts';
import { createSeasonality } from './seasonality.ts';

/** Whose total, of which group, at what moment (UTC ms), and what is added to it. */
export interface Addition {
  readonly slot: number;
  readonly group: number;
  readonly time: number;
  readonly amount: number;
}

/** A running total against what it should be: all that evidence needs. */
interface TotalView {
  readonly observed: number;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  readonly groupExpected: number;
  /** Windows that the slot's baseline is made of. */
  readonly known: number;
  readonly from: number;
  readonly numbers: Prediction & PastNumbers & { readonly value: number };
}

/**
 * What sums up over a window of fixed length, by slot: the logarithm of the total is predicted by Student's t, with
 * the group as prior and its season, and judged by how often the group's past windows were as surprising. A total only
 * grows: whatever it has reached within its window is no more unlikely than what it ends at.
 *
 * @source normal-inverse-gamma prediction: Gelman et al., Bayesian Data Analysis, 3.3; detection reference 2.2
 */
export interface Totals {
  /** ln p of the running total with the addition: 0 while it is nothing special; 1, no test, where it is late. */
  score(addition: Addition): number;
  describe(addition: Addition): TotalView;
  /** Adds; the slot's former window closes and teaches. `isPlanned`: it is the new normal, whatever it is. */
  learn(addition: Addition, isPlanned: boolean): void;
  /** Everything that belongs to a slot. */
  belongings(slot: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** Fields of a running window. */
const window = 0; // its number + 1
const total = 1;
const quiet = 2; // below this total the window has nothing to say
// The season's part of the total's logarithm as it was when the window began. It is judged and learned by this one: the
// windows of the same hour that close before it teach the season, and would be taken for its own.
const season = 3;
const width = 4;

const noTest = 1;
const nothingSpecial = 0; // ln p = 0: outside of the tail every total is as good as any other
// One vote on what an hour of the week is like: at most ten times the usual, or a tenth of it.
const seasonMax = Math.log(10);
// In scales: 96.4 % quantile of the normal distribution, below where the tail begins.
const quietScales = 1.8;
// Sums of many calls are smoother than single ones. How their tails really are, the group's own say.
const degreesMax = 30;
const grain = 256; // bytes: less than any call with its headers
const ignorance = { center: Math.log(100_000), scale: 3, degrees: 2 }; // a fistful of calls, give or take
const scaleMin = 0.1; // a tenth more or less is nobody's business
// Whose baseline is younger than a day of active hours is surprised otherwise, and measured by others as young.
const windowsOfAge = 24;
const ages = 2;

/** @param name of its blocks in a snapshot */
export function createTotals(name: string, windowMs: number): Totals {
  const running = createRecords(name, width);
  const levels = createLevels(name);
  const numberOf = (time: number) => Math.floor(time / windowMs) + 1;
  const runningOf = (at: number, time: number) =>
    running.data[at + window] === numberOf(time) ? (running.data[at + total] ?? 0) : 0;
  const seasonAt = (at: number, group: number, time: number) =>
    running.data[at + window] === numberOf(time)
      ? (running.data[at + season] ?? 0)
      : levels.seasonOf(group, time);

  return {
    score: ({ slot, group, time, amount }) => {
      const at = running.at(slot);
      const number = numberOf(time);
      const is = running.data[at + window] ?? 0;
      if (number < is) return noTest; // late: its window has closed
      const sum = runningOf(at, time) + amount;
      if (number === is && sum < (running.data[at + quiet] ?? 0)) return nothingSpecial;
      return levels.lnP(slot, group, logOf(sum) - seasonAt(at, group, time));
    },
    describe: ({ slot, group, time, amount }) => {
      const observed = runningOf(running.at(slot), time) + amount;
      const from = Math.floor(time / windowMs) * windowMs;
      const shift = seasonAt(running.at(slot), group, time);
      return { observed, from, ...levels.describe({ slot, group, time, amount: observed }, shift) };
    },
    learn: ({ slot, group, time, amount }, isPlanned) => {
      const at = running.at(slot);
      const number = numberOf(time);
      const is = running.data[at + window] ?? 0;
      if (number < is) return;
      if (number > is) {
        const { data } = running;
        const closed = { slot, group, time: (is - 1) * windowMs, amount: data[at + total] ?? 0 };
        if (is > 0) levels.learn({ ...closed, shift: data[at + season] ?? 0, isPlanned });
        running.data[at + window] = number;
        running.data[at + total] = 0;
        running.data[at + season] = levels.seasonOf(group, time);
        running.data[at + quiet] = levels.quietBelow(slot, group, time);
      }
      running.data[at + total] = (running.data[at + total] ?? 0) + amount;
    },
    belongings: (slot, visit) => {
      visit.row(running, slot);
      levels.belongings(slot, visit);
    },
    save: (state) => {
      running.save(state);
      levels.save(state);
    },
    restore: (state) => {
      running.restore(state);
      levels.restore(state);
    },
  };
}

const logOf = (amount: number) => Math.log(amount + grain);

/** A window that is over. `isPlanned`: it is the new normal, whatever it is. */
interface Closed extends Addition {
  readonly shift: number;
  readonly isPlanned: boolean;
}

/** What totals of whole windows are like: by slot, by group, by hour of the week. */
function createLevels(name: string) {
  const own = createQuantities(`${name}-own`, degreesMax);
  const groups = createQuantities(`${name}-groups`, degreesMax);
  const hours = createSeasonality(`${name}-season`);
  const past = createSurprises(`${name}-past`);
  const parts = [own, groups, hours, past];
  const pastOf = (slot: number, group: number) => group * ages + (own.weight(slot) < windowsOfAge ? 1 : 0);
  const prediction: Prediction = { ...ignorance }; // scratch: the hot path allocates nothing
  const predictGroup = (group: number) => {
    prediction.center = ignorance.center;
    prediction.scale = ignorance.scale;
    prediction.degrees = ignorance.degrees;
    groups.predict(group, prediction);
  };
  const predict = (slot: number, group: number) => {
    predictGroup(group);
    own.predict(slot, prediction);
    prediction.scale = Math.max(prediction.scale, scaleMin);
  };
  return {
    seasonOf: hours.shift,
    /** ln p of the slot's value. */
    lnP: (slot: number, group: number, value: number) => {
      predict(slot, group);
      const raw = logUpper(value, prediction);
      return -raw < tailThreshold ? nothingSpecial : past.calibrate(pastOf(slot, group), raw);
    },
    /** The total below which it is not in the tail. */
    quietBelow: (slot: number, group: number, time: number) => {
      predict(slot, group);
      const logQuiet = prediction.center + quietScales * prediction.scale;
      return Math.exp(logQuiet + hours.shift(group, time)) - grain;
    },
    describe: ({ slot, group, amount }: Addition, shift: number) => {
      const inUnit = (logarithm: number) => Math.max(0, Math.exp(logarithm + shift) - grain);
      predictGroup(group);
      const groupExpected = inUnit(prediction.center);
      predict(slot, group);
      const [lower, upper] = usualRange(prediction);
      const [expected, known] = [inUnit(prediction.center), own.weight(slot)];
      const value = logOf(amount) - shift;
      const raw = logUpper(value, prediction);
      const numbers = { value, ...prediction, ...past.numbers(pastOf(slot, group), raw) };
      return { expected, lower: inUnit(lower), upper: inUnit(upper), groupExpected, known, numbers };
    },
    learn: ({ slot, group, time, amount, shift, isPlanned }: Closed) => {
      const value = logOf(amount) - shift;
      predict(slot, group);
      const raw = logUpper(value, prediction);
      const weight = isPlanned ? 1 : learningWeight(raw);
      past.learn(pastOf(slot, group), raw, weight);
      // Of logarithms, as the prediction is: the mean of log-normal totals lies above what they mostly are.
      const vote = Math.max(-seasonMax, Math.min(seasonMax, value - prediction.center));
      hours.learn(group, time, vote + shift, 1);
      own.learn(slot, value, weight, prediction);
      predictGroup(group);
      groups.learn(group, value, weight, prediction);
    },
    belongings: own.belongings,
    ...allOf(parts),
  };
}
