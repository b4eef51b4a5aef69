import { logCalibrated, type TailNumbers } from '#shared/explain/calibration.ts';
import { rulePs } from '#shared/rule-tiers.ts';
import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import { learningWeight } from '../calibration/learning.ts';
import { createTails } from '../calibration/tails.ts';
import type { Visit } from '../tables/belongings.ts';
import { createRecords, createSingleRecords, type Records } from '../tables/records.ts';
import { createBusyness } from './busyness.ts';
import {
  type DayLevel,
  dayLevelFields,
  daysOf,
  groupDispersion,
  readLevel,
  spreadFields,
  teachLevel,
  teachSpread,
} from './day-levels.ts';

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
 * Days that grow too slowly for any of them to be unusual. Each day's evidence for nearly twice the usual is added to a
 * sum that never falls below zero: CUSUM on the logarithm of the likelihood ratio. By chance the sum reaches h on at
 * most e^(−h) of all days, whatever the distribution: Lundberg's bound, with exponent 1 because a likelihood ratio has
 * mean 1. The usual is learned from days that are over for two weeks, and, while the sum is high, hardly at all. Days on
 * which the group rests say nothing: who works then, and who does not, is each member's own affair.
 *
 * @source Page 1954, Biometrika 41; bound: Kingman 1962, Quarterly Journal of Mathematics 13; detection reference 2.1
 */
export interface Ramps {
  /** Adds to what the agent's running day holds. */
  add(agent: number, time: number, amount: number, isPlanned: boolean): void;
  /** The day before `time` is over: calls `report` for each agent whose sum is worth telling. */
  close(population: Population, time: number, report: (agent: number, ramp: Ramp) => void): void;
  /** Has the agent's sum become so high that it may soon be told? */
  isRising(agent: number): boolean;
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
// A day teaches this many days later, of those that count: two weeks and a half of an office. Until enough have taught
// for anything to be said, after a week.
const waitDaysMax = 12;
const waitDaysAtFirst = 5;
const shift = 1.8; // the growth that it looks for: a ramp of 5 % a day is there when its usual is twelve days old
// The bound takes days for independent, and a month of them can't tell that they are not: however long it goes on, a
// ramp is no less likely than a broken rule of the middle tier.
const sumMax = -Math.log(rulePs.warning);
const daysMin = 5; // that have taught before anything is said
// A sum that has been above zero for so many days is a new level, not a ramp: it is learned.
const patienceDays = 28;
// How much a day teaches is how likely it is no part of a ramp, where e² : 1 speaks against one beforehand: tuned on
// simulated networks.
const oddsAgainst = 2; // in nats
// Told when p falls below 1 %, and each time the sum has grown by so much: it is e times less likely then.
const lnPMax = Math.log(0.01);
// A single day is the matter of `volume`: none counts for more than what a sum begins to be told at, in nats.
const dayEvidenceMax = -lnPMax;
const growth = 1;

// A third of what a sum is told at: by chance, one in a hundred days of an agent follows such a sum, or fewer.
const risingFrom = 2;

/** Fields of an agent's running day. */
const day = 0; // its number + 1
const held = 1; // what it holds
const planned = 2; // 1: a planned change is part of it
const dayWidth = 3;
/** Fields of what its days come to. */
const sum = 0;
const told = 1; // the sum when it was last told
const runDays = 2;
const runHeld = 3;
const runExpected = 4;
const waiting = 5; // days that wait, the oldest at `first`
const first = 6;
const queue = 7; // by waiting day: what it held, and how busy it was
const level = queue + 2 * waitDaysMax;
const width = level + dayLevelFields;

/** @param name of its blocks in a snapshot */
export function createRamps(name: string): Ramps {
  const running = createRecords(`${name}-running`, dayWidth);
  const records = createSingleRecords(name, width);
  const busyness = createBusyness(`${name}-busyness`);
  const spreads = createRecords(`${name}-spreads`, spreadFields); // by group
  const tails = createTails(`${name}-tails`);
  const parts = [running, records, busyness, spreads, tails];
  const known: DayLevel = { mean: 0, dispersion: 0, days: 0 };

  const multipleOf = (agent: number, group: number): number => {
    const spread = spreads.at(group);
    const at = records.at(agent);
    readLevel(records.data, at + level, groupDispersion(spreads.data, spread), known);
    return known.days > 0 ? (running.data[running.at(agent) + held] ?? 0) / known.mean : 1;
  };
  /** What the day's sum is judged by; `undefined` where the day says nothing, or all is learned anew. */
  const closeDay = (agent: number, group: number, time: number): Ramp['numbers'] | undefined => {
    const busy = busyness.without(group, multipleOf(agent, group), time);
    const [own, at] = [running.at(agent), records.at(agent)];
    const { data } = records;
    if ((running.data[own + planned] ?? 0) > 0 || (data[at + runDays] ?? 0) > patienceDays) {
      data.fill(0, at, at + width); // what was is no longer usual
      return undefined;
    }
    if (busyness.isRest(group, busy)) return undefined;
    const value = running.data[own + held] ?? 0;
    const isKnown = known.days >= daysMin;
    if (isKnown) gather(data, at, { value, expected: known.mean * busy, dispersion: known.dispersion });
    const numbers = { sum: data[at + sum] ?? 0, ...tails.numbers(group) };
    if (isKnown) tails.learn(group, -numbers.sum, learningWeight(lnPOf(numbers)));
    const ripe = enqueue(data, at, { value, busyness: busy });
    const weight = 1 / (1 + Math.exp(numbers.sum - oddsAgainst));
    const spread = { data: spreads.data, at: spreads.at(group) };
    if (ripe !== undefined) learn({ data, at: at + level }, spread, { ...ripe, weight }, known);
    return numbers;
  };
  return {
    add: (agent, time, amount, isPlanned) => addToDay(running, agent, { time, amount, isPlanned }),
    isRising: (agent) => (records.data[records.at(agent) + sum] ?? 0) >= risingFrom,
    close: ({ members, groupOf }, time, report) => {
      const number = Math.floor((time - 1) / dayMs) + 1;
      const active = members.filter((agent) => running.data[running.at(agent) + day] === number);
      busyness.begin();
      for (const agent of active) busyness.vote(groupOf(agent), multipleOf(agent, groupOf(agent)), time - 1);
      busyness.count();
      for (const agent of active) {
        const numbers = closeDay(agent, groupOf(agent), time - 1);
        if (numbers === undefined) continue;
        const ramp = dueOf(records.data, records.at(agent), numbers);
        if (ramp !== undefined) report(agent, ramp);
      }
      busyness.learn(time - 1);
    },
    belongings: (agent, visit) => {
      visit.row(running, agent);
      visit.row(records, agent);
    },
    ...allOf(parts),
  };
}

/** Adds to what the running day of an agent holds. */
function addToDay(
  running: Records,
  agent: number,
  {
    time,
    amount,
    isPlanned,
  }: { readonly time: number; readonly amount: number; readonly isPlanned: boolean },
): void {
  const at = running.at(agent);
  const { data } = running;
  const number = Math.floor(time / dayMs) + 1;
  if (number < (data[at + day] ?? 0)) return; // late: its day is over
  if (number > (data[at + day] ?? 0)) {
    data[at + day] = number;
    data[at + held] = 0;
    data[at + planned] = 0;
  }
  data[at + held] = (data[at + held] ?? 0) + amount;
  if (isPlanned) data[at + planned] = 1;
}

/** What is to be told of a sum, if it is worth telling again. Takes note of it. */
function dueOf(data: Float32Array, at: number, numbers: Ramp['numbers']): Ramp | undefined {
  const lnP = lnPOf(numbers);
  if (lnP > lnPMax || numbers.sum < (data[at + told] ?? 0) + growth) return undefined;
  data[at + told] = numbers.sum;
  const days = data[at + runDays] ?? 1;
  const [observed, expected] = [(data[at + runHeld] ?? 0) / days, (data[at + runExpected] ?? 0) / days];
  return { lnP, days, numbers, observed, expected };
}

const lnPOf = (numbers: Ramp['numbers']) => logCalibrated(-numbers.sum, numbers);

/** Adds a day's evidence to the sum: the negative binomial with `shift` times the mean against the one without. */
function gather(data: Float32Array, at: number, { value, expected, dispersion }: JudgedDay): void {
  const size = 1 / dispersion;
  const ratio =
    value * Math.log(shift) - (value + size) * Math.log((size + shift * expected) / (size + expected));
  const total = Math.min(sumMax, Math.max(0, (data[at + sum] ?? 0) + Math.min(dayEvidenceMax, ratio)));
  data[at + sum] = total;
  const isRunning = total > 0;
  data[at + runDays] = isRunning ? (data[at + runDays] ?? 0) + 1 : 0;
  data[at + runHeld] = isRunning ? (data[at + runHeld] ?? 0) + value : 0;
  data[at + runExpected] = isRunning ? (data[at + runExpected] ?? 0) + expected : 0;
  if (!isRunning) data[at + told] = 0;
}

interface JudgedDay {
  readonly value: number;
  readonly expected: number;
  readonly dispersion: number;
}

interface ClosedDay {
  readonly value: number;
  readonly busyness: number;
}

/** Puts a day among those that wait. @returns the one that has waited for long enough */
function enqueue(data: Float32Array, at: number, closed: ClosedDay): ClosedDay | undefined {
  const count = data[at + waiting] ?? 0;
  const oldest = data[at + first] ?? 0;
  const placeOf = (n: number) => at + queue + 2 * ((oldest + n) % waitDaysMax);
  const isRipe = count >= (daysOf(data, at + level) < daysMin ? waitDaysAtFirst : waitDaysMax);
  const ripe = { value: data[placeOf(0)] ?? 0, busyness: data[placeOf(0) + 1] ?? 1 };
  data[placeOf(count)] = closed.value;
  data[placeOf(count) + 1] = closed.busyness;
  if (isRipe) data[at + first] = (oldest + 1) % waitDaysMax;
  else data[at + waiting] = count + 1;
  return isRipe ? ripe : undefined;
}

/** Takes a day into the level of its agent, and how far it was off into the spread of its group. */
function learn(
  own: { readonly data: Float32Array; readonly at: number },
  group: { readonly data: Float64Array; readonly at: number },
  day: ClosedDay & { readonly weight: number },
  known: DayLevel,
): void {
  const expected = known.mean * day.busyness;
  if (known.days > 0) teachSpread(group.data, group.at, { value: day.value, expected, weight: day.weight });
  teachLevel(own.data, own.at, day, known);
}
