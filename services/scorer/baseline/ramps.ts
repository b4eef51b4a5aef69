import { logCalibrated, type TailNumbers } from '#shared/explain/calibration.ts';
import { rulePs } from '#shared/rule-tiers.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { Visit } from './belongings.ts';
import { createBusyness } from './busyness.ts';
import {
  type DayLevel,
  dayLevelFields,
  groupDispersion,
  readLevel,
  spreadFields,
  teachLevel,
  teachSpread,
} from './day-levels.ts';
import { learningWeight } from './learning.ts';
import { createRecords } from './records.ts';
import { createTails } from './tails.ts';

/** What is told of an agent whose days have grown. */
export interface Ramp {
  /** ln p of a sum as high as the running one. */
  readonly lnP: number;
  /** Days since the sum was last zero, and what they held and should have held, each. */
  readonly days: number;
  /** What `lnP` is computed from. */
  readonly numbers: TailNumbers & { readonly sum: number };
  readonly observed: number;
  readonly expected: number;
}

/**
 * Days that grow too slowly for any of them to be unusual. Each day's evidence for half as much again against the
 * usual is added to a sum that never falls below zero: CUSUM on the logarithm of the likelihood ratio. By chance the
 * sum reaches h on at most e^(−h) of all days, whatever the distribution: Lundberg's bound, with exponent 1 because
 * a likelihood ratio has mean 1. The usual is learned from days that are over for a week, and, while the sum is high,
 * hardly at all.
 *
 * @source Page 1954, Biometrika 41; bound: Kingman 1962, Quarterly Journal of Mathematics 13; detection reference 2.1
 */
export interface Ramps {
  /** Adds to what the agent's running day holds. */
  add(agent: number, time: number, amount: number, isPlanned: boolean): void;
  /** The day before `time` is over: calls `report` for each agent whose sum is worth telling. */
  close(population: Population, time: number, report: (agent: number, ramp: Ramp) => void): void;
  /** Everything that belongs to an agent. */
  belongings(agent: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

interface Population {
  readonly members: readonly number[];
  readonly groupOf: (agent: number) => number;
}

const dayMs = 86_400_000;
const shift = 1.5; // the growth that it looks for: a ramp of 5 % a day is there when its usual is a week old
// A single day is the matter of `volume`: none counts for more than this, in nats.
const dayEvidenceMax = 3;
// The bound takes days for independent, and a month of them can't tell that they are not: however long it goes on, a
// ramp is no less likely than a broken rule of the middle tier.
const sumMax = -Math.log(rulePs.warning);
const waitDays = 7; // a day teaches a week later
const daysMin = 5; // that have taught before anything is said
// A sum that has been above zero for four weeks is a new level, not a ramp: it is learned.
const patienceDays = 28;
// Told when p falls below 1 %, and each time the sum has grown by half.
const lnPMax = Math.log(0.01);
const growth = 1.5;

/** Fields of an agent's record. */
const day = 0; // number of the running day + 1
const held = 1; // what it holds
const planned = 2; // 1: a planned change is part of it
const sum = 3;
const told = 4; // the sum when it was last told
const runDays = 5;
const runHeld = 6;
const runExpected = 7;
const waiting = 8; // days that wait, the oldest at `first`
const first = 9;
const queue = 10; // by waiting day: what it held, and how busy it was
const level = queue + 2 * waitDays;
const width = level + dayLevelFields;

/** @param name of its blocks in a snapshot */
export function createRamps(name: string): Ramps {
  const records = createRecords(name, width);
  const busyness = createBusyness(`${name}-busyness`);
  const spreads = createRecords(`${name}-spreads`, spreadFields); // by group
  const tails = createTails(`${name}-tails`);
  const known: DayLevel = { mean: 0, dispersion: 0, days: 0 };

  const multipleOf = (at: number, group: number): number => {
    const spread = spreads.at(group);
    readLevel(records.data, at + level, groupDispersion(spreads.data, spread), known);
    return known.days > 0 ? (records.data[at + held] ?? 0) / known.mean : 1;
  };
  /** What the day's sum is judged by; `undefined` where it is learned anew, and says nothing. */
  const closeDay = (at: number, group: number, time: number): Ramp['numbers'] | undefined => {
    const { data } = records;
    const value = data[at + held] ?? 0;
    const busy = busyness.without(group, multipleOf(at, group), time);
    if (known.days >= daysMin) gather(data, at, value, known.mean * busy, known.dispersion);
    const numbers = { sum: data[at + sum] ?? 0, ...tails.numbers(group) };
    const weight = learningWeight(lnPOf(numbers));
    if (known.days >= daysMin) tails.learn(group, -numbers.sum, weight);
    if ((data[at + planned] ?? 0) > 0 || (data[at + runDays] ?? 0) > patienceDays) {
      relearn(data, at);
      return undefined;
    }
    const ripe = enqueue(data, at, { value, busyness: busy, weight });
    const spread = spreads.at(group);
    if (ripe !== undefined) learn({ data, at: at + level }, { data: spreads.data, at: spread }, ripe, known);
    return numbers;
  };
  return {
    add: (agent, time, amount, isPlanned) => {
      const at = records.at(agent);
      const { data } = records;
      const number = Math.floor(time / dayMs) + 1;
      if (number < (data[at + day] ?? 0)) return; // late: its day is over
      if (number > (data[at + day] ?? 0)) {
        data[at + day] = number;
        data[at + held] = 0;
        data[at + planned] = 0;
      }
      data[at + held] = (data[at + held] ?? 0) + amount;
      if (isPlanned) data[at + planned] = 1;
    },
    close: ({ members, groupOf }, time, report) => {
      const number = Math.floor((time - 1) / dayMs) + 1;
      const active = members.filter((agent) => records.data[records.at(agent) + day] === number);
      busyness.begin();
      for (const agent of active)
        busyness.vote(groupOf(agent), multipleOf(records.at(agent), groupOf(agent)), time - 1);
      for (const agent of active) {
        const at = records.at(agent);
        const numbers = closeDay(at, groupOf(agent), time - 1);
        if (numbers === undefined) continue;
        const { data } = records;
        const lnP = lnPOf(numbers);
        if (lnP > lnPMax || (data[at + sum] ?? 0) < growth * (data[at + told] ?? 0)) continue;
        data[at + told] = data[at + sum] ?? 0;
        const days = data[at + runDays] ?? 1;
        const [observed, expected] = [(data[at + runHeld] ?? 0) / days, (data[at + runExpected] ?? 0) / days];
        report(agent, { lnP, days, numbers, observed, expected });
      }
      busyness.learn(time - 1);
    },
    belongings: (agent, visit) => visit.row(records, agent),
    save: (state) => {
      for (const part of [records, busyness, spreads, tails]) part.save(state);
    },
    restore: (state) => {
      for (const part of [records, busyness, spreads, tails]) part.restore(state);
    },
  };
}

const lnPOf = (numbers: Ramp['numbers']) => logCalibrated(-numbers.sum, numbers);

/** Adds a day's evidence to the sum: the negative binomial with `shift` times the mean against the one without. */
function gather(data: Float64Array, at: number, value: number, mean: number, dispersion: number): void {
  const size = 1 / dispersion;
  const ratio = value * Math.log(shift) - (value + size) * Math.log((size + shift * mean) / (size + mean));
  const total = Math.min(sumMax, Math.max(0, (data[at + sum] ?? 0) + Math.min(dayEvidenceMax, ratio)));
  data[at + sum] = total;
  const isRunning = total > 0;
  data[at + runDays] = isRunning ? (data[at + runDays] ?? 0) + 1 : 0;
  data[at + runHeld] = isRunning ? (data[at + runHeld] ?? 0) + value : 0;
  data[at + runExpected] = isRunning ? (data[at + runExpected] ?? 0) + mean : 0;
  if (!isRunning) data[at + told] = 0;
}

interface ClosedDay {
  readonly value: number;
  readonly busyness: number;
  readonly weight: number;
}

/** Puts a day among those that wait. @returns the one that has waited for a week, weighed as days are weighed now */
function enqueue(data: Float64Array, at: number, closed: ClosedDay): ClosedDay | undefined {
  const count = data[at + waiting] ?? 0;
  const oldest = data[at + first] ?? 0;
  const place = at + queue + 2 * ((oldest + count) % waitDays);
  const isFull = count >= waitDays; // then the place of the new one is the oldest one's
  const ripe = { value: data[place] ?? 0, busyness: data[place + 1] ?? 1, weight: closed.weight };
  if (isFull) data[at + first] = (oldest + 1) % waitDays;
  else data[at + waiting] = count + 1;
  data[place] = closed.value;
  data[place + 1] = closed.busyness;
  return isFull ? ripe : undefined;
}

/** Takes a day into the level of its agent, and how far it was off into the spread of its group. */
function learn(own: Place, group: Place, day: ClosedDay, known: DayLevel): void {
  const expected = known.mean * day.busyness;
  if (known.days > 0) teachSpread(group.data, group.at, { value: day.value, expected, weight: day.weight });
  teachLevel(own.data, own.at, day, known);
}

/** Where numbers begin in a table. */
interface Place {
  readonly data: Float64Array;
  readonly at: number;
}

/** What was is no longer usual: the level is learned anew from the days that follow. */
function relearn(data: Float64Array, at: number): void {
  data.fill(0, at + sum, at + width);
}
