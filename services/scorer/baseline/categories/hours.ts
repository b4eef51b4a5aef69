import { type HourNumbers, logHour } from '#shared/explain/hour.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import { hourOfWeek } from '../counts/seasonality.ts';
import type { Visit } from '../tables/belongings.ts';
import { createRecords, createSingleRecords, type Records } from '../tables/records.ts';

/**
 * In how many weeks a member was active in each hour of the week. The p of an hour is the share of the member's
 * activity that lies in hours no more active than it: beta-binomial shares, the group's as prior; an hour that is
 * near active ones, or at the same time of other days, is not as rare.
 */
export interface Hours {
  /** Is it the member's first call in this hour? */
  isFirst(member: number, time: number): boolean;
  /** ln of the mid-p of being active in an hour as rare as this. */
  score(member: number, group: number, time: number): number;
  /** What `score` is computed from: a copy. */
  numbers(member: number, group: number, time: number): HourNumbers;
  /** Weeks of which something is known, and in how many of them this hour was active. */
  describe(member: number, time: number): { readonly weeks: number; readonly active: number };
  learn(member: number, group: number, time: number, weight: number): void;
  /** Everything that belongs to a member. */
  belongings(member: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const hoursPerWeek = 168;
const hoursPerDay = 24;
const hourMs = 3_600_000;
const weekMs = hoursPerWeek * hourMs;
/** Fields of a member's record beside its hours. */
const newest = 0; // newest hour that was active + 1
const since = 1; // UTC ms of its first call
const week = 2; // week of the last fading
const known = 3; // weeks that are remembered, faded ones for less
const width = 4;
// A week counts for half after six: a season of a quarter is still seen, a former habit forgotten.
const fading = 2 ** (-1 / 6);
// What a member does in one week, its group's profile outweighs.
const priorWeeks = 1;
// How much an active neighbour, or the same time of another day, says of an hour.
const besides = 0.5;
const otherDays = 0.25;

export function createHours(name: string): Hours {
  const tables = createTables(name);
  const { members, actives, groups } = tables;
  const read = createReading(tables);
  return {
    isFirst: (member, time) => (members.data[members.at(member) + newest] ?? 0) <= Math.floor(time / hourMs),
    score: (member, group, time) => logHour(read(member, group, time)),
    numbers: (member, group, time) => ({ ...read(member, group, time) }),
    describe: (member, time) => {
      const at = members.at(member);
      return {
        weeks: members.data[at + known] ?? 0,
        active: actives.data[actives.at(member) + hourOfWeek(time)] ?? 0,
      };
    },
    learn: (member, group, time, weight) => {
      const at = members.at(member);
      const { data } = members;
      const hour = Math.floor(time / hourMs) + 1;
      if ((data[at + newest] ?? 0) >= hour) return;
      data[at + newest] = hour;
      if ((data[at + since] ?? 0) === 0) {
        data[at + since] = time;
        data[at + week] = 0;
      }
      fade(tables, member, Math.floor((time - (data[at + since] ?? 0)) / weekMs));
      const active = actives.at(member) + hourOfWeek(time);
      actives.data[active] = (actives.data[active] ?? 0) + weight;
      const of = groups.at(group) + hourOfWeek(time);
      groups.data[of] = (groups.data[of] ?? 0) * groupFading + weight;
    },
    belongings: (member, visit) => {
      visit.row(members, member);
      visit.row(actives, member);
    },
    save: (state) => {
      members.save(state);
      actives.save(state);
      groups.save(state);
    },
    restore: (state) => {
      members.restore(state);
      actives.restore(state);
      groups.restore(state);
    },
  };
}

type Tables = ReturnType<typeof createTables>;

function createTables(name: string) {
  return {
    members: createRecords(name, width),
    /** By hour: weeks in which it was active. */
    actives: createSingleRecords(`${name}-active`, hoursPerWeek),
    groups: createRecords(`${name}-groups`, hoursPerWeek),
  };
}

/** Reads what `logHour` asks for, into one object again and again: the hot path allocates nothing. */
function createReading({ members, actives, groups }: Tables) {
  const rates = new Float64Array(hoursPerWeek);
  const found = { rate: 0, rarer: 0, all: 0 };
  /** How active each hour is, in weeks of activity a week. */
  const fill = (member: number, group: number) => {
    const weeks = (members.data[members.at(member) + known] ?? 0) + priorWeeks;
    const own = actives.at(member);
    const of = groups.at(group);
    const most = busiest(groups, of);
    for (let hour = 0; hour < hoursPerWeek; hour += 1) {
      const prior = ((groups.data[of + hour] ?? 0) + 0.5) / (most + 1);
      rates[hour] = (smoothed(actives.data, own, hour) + priorWeeks * prior) / weeks;
    }
  };
  return (member: number, group: number, time: number): HourNumbers => {
    fill(member, group);
    found.rate = rates[hourOfWeek(time)] ?? 0;
    found.rarer = 0;
    found.all = 0;
    for (let hour = 0; hour < hoursPerWeek; hour += 1) {
      const rate = rates[hour] ?? 0;
      found.all += rate;
      found.rarer += rate < found.rate ? rate : rate === found.rate ? rate / 2 : 0;
    }
    return found;
  };
}

/** Lets what is known of a member fade until week `now` of it. */
function fade({ members, actives }: Tables, member: number, now: number): void {
  const at = members.at(member);
  const own = actives.at(member);
  const { data } = members;
  const passed = now - (data[at + week] ?? 0);
  if (passed <= 0) return;
  const factor = fading ** passed;
  for (let hour = own; hour < own + hoursPerWeek; hour += 1)
    actives.data[hour] = (actives.data[hour] ?? 0) * factor;
  data[at + known] = (data[at + known] ?? 0) * factor + (1 - factor) / (1 - fading);
  data[at + week] = now;
}

// An hour of a group remembers about its last thousand active members.
const groupFading = 1 - 1 / 1000;

function busiest(groups: Records, at: number): number {
  let most = 0;
  for (let hour = 0; hour < hoursPerWeek; hour += 1) most = Math.max(most, groups.data[at + hour] ?? 0);
  return most;
}

/** An hour's active weeks, or what the hours around it and the other days make likely where that is more. */
function smoothed(data: Float32Array, at: number, hour: number): number {
  const own = data[at + hour] ?? 0;
  const before = data[at + ((hour + hoursPerWeek - 1) % hoursPerWeek)] ?? 0;
  const after = data[at + ((hour + 1) % hoursPerWeek)] ?? 0;
  let elsewhere = 0;
  for (let day = 1; day < 7; day += 1)
    elsewhere = Math.max(elsewhere, data[at + ((hour + day * hoursPerDay) % hoursPerWeek)] ?? 0);
  return Math.max(own, besides * before, besides * after, otherDays * elsewhere);
}
