import { logPause } from '#shared/explain/pause.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import { createAppointments } from '../tables/appointments.ts';
import { createRecords } from '../tables/records.ts';

/** Fields of a speaker's record. Times are minutes of its space's heard clock unless said otherwise. */
const last = 0; // when it last spoke, + 1; 0 = never
const since = 1; // when it was first heard, UTC ms
const pausesNow = 2; // pauses of the running fortnight, and the longest
const longestNow = 3;
const pausesBefore = 4; // of the fortnight before
const longestBefore = 5;
const fortnight = 6; // number of the running fortnight
const told = 7; // 1: this silence has been told
const width = 8;

const fortnightMinutes = 14 * 24 * 60;
// A week and a day have shown a night and a weekend.
const knownAfterMs = 8 * 86_400_000;
// Speakers with fewer pauses speak too seldom to be missed.
const pausesMin = 100;
// Below twice the longest pause so far nothing is said: it may come at any moment.
const lengthMin = 2;

/** What is told of somebody who fell silent. */
export interface Pause {
  /** ln p of a pause as long as the running one. */
  readonly lnP: number;
  readonly minutes: number;
  readonly longestMinutes: number;
  /** How many pauses there were before it. */
  readonly pauses: number;
}

/**
 * How long speakers pause, on a clock that runs only while anybody of their space is heard: where all stop, nobody is
 * missed. The chance that a pause is longer than all n before it is 1/(n + 1), whatever their distribution; how much
 * longer, a Pareto tail says. The longest pause of two to four weeks holds the nights and weekends, so that no season
 * is needed.
 *
 * @source records of exchangeable draws: Rényi 1962; tail: Pickands 1975, Annals of Statistics 3(1)
 */
export interface Pauses {
  spoke(speaker: number, time: number): void;
  /** A minute of a space's heard clock has begun: tells the pauses that are worth it, each once. */
  tick(space: number, time: number, tell: (speaker: number, pause: Pause) => void): void;
  /** Has the running pause of the speaker been told? */
  isMissed(speaker: number): boolean;
  /** To be called while the speaker still has its space. */
  forget(speaker: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** @param spaceOf the number of a speaker's space */
export function createPauses(name: string, spaceOf: (speaker: number) => number): Pauses {
  const records = createRecords(name, width);
  const clocks = createRecords(`${name}-clocks`, 1);
  // Who may be missed is looked at when its pause has become long enough, and not every minute.
  const appointments = createAppointments();
  const nowOf = (speaker: number) => clocks.data[spaceOf(speaker)] ?? 0;
  const expect = (speaker: number, now: number) => {
    const { data } = records;
    const at = speaker * width;
    if ((data[at + told] ?? 0) > 0 || pausesOf(data, at) < pausesMin) return;
    const due = (data[at + last] ?? 0) - 1 + lengthMin * longestOf(data, at);
    appointments.by(speaker, spaceOf(speaker), Math.max(now + 1, due));
  };
  return {
    spoke: (speaker, time) => {
      const at = records.at(speaker);
      const now = nowOf(speaker);
      if (records.data[at + last] === now + 1) return;
      note(records.data, at, now, time);
      expect(speaker, now);
    },
    tick: (space, time, tell) => {
      const clock = clocks.at(space);
      const now = (clocks.data[clock] ?? 0) + 1;
      clocks.data[clock] = now;
      for (const speaker of appointments.take(space, now)) {
        const pause = missed(records.data, records.at(speaker), now, time);
        if (pause === undefined) expect(speaker, now);
        else tell(speaker, pause);
      }
    },
    isMissed: (speaker) => speaker >= 0 && (records.data[records.at(speaker) + told] ?? 0) > 0,
    forget: (speaker) => {
      appointments.cancel(speaker);
      records.clear(speaker);
    },
    save: (state) => {
      clocks.save(state);
      records.save(state);
    },
    restore: (state) => {
      clocks.restore(state);
      records.restore(state);
      appointments.clear();
      for (let speaker = 0; speaker * width < records.data.length; speaker += 1)
        expect(speaker, nowOf(speaker));
    },
  };
}

const pausesOf = (data: Float64Array, at: number) =>
  (data[at + pausesNow] ?? 0) + (data[at + pausesBefore] ?? 0);
const longestOf = (data: Float64Array, at: number) =>
  Math.max(1, data[at + longestNow] ?? 0, data[at + longestBefore] ?? 0);

/** Takes in that the speaker whose record is at `at` spoke in the minute `now` of its clock. */
function note(data: Float64Array, at: number, now: number, time: number): void {
  const before = data[at + last] ?? 0;
  data[at + last] = now + 1;
  if (before === 0) {
    data[at + since] = time;
    data[at + fortnight] = Math.floor(now / fortnightMinutes);
    return;
  }
  turn(data, at, Math.floor(now / fortnightMinutes));
  data[at + pausesNow] = (data[at + pausesNow] ?? 0) + 1;
  data[at + longestNow] = Math.max(data[at + longestNow] ?? 0, now + 1 - before);
  data[at + told] = 0;
}

/** Begins another fortnight where it has come. */
function turn(data: Float64Array, at: number, number: number): void {
  const behind = number - (data[at + fortnight] ?? 0);
  if (behind <= 0) return;
  data[at + pausesBefore] = behind === 1 ? (data[at + pausesNow] ?? 0) : 0;
  data[at + longestBefore] = behind === 1 ? (data[at + longestNow] ?? 0) : 0;
  data[at + pausesNow] = 0;
  data[at + longestNow] = 0;
  data[at + fortnight] = number;
}

/** The running pause of a speaker where it is worth telling; it has been told then. */
function missed(data: Float64Array, at: number, now: number, time: number): Pause | undefined {
  const longestMinutes = longestOf(data, at);
  const minutes = now + 1 - (data[at + last] ?? 0);
  if (minutes < lengthMin * longestMinutes || time - (data[at + since] ?? 0) < knownAfterMs) return undefined;
  data[at + told] = 1;
  const pauses = pausesOf(data, at);
  return { lnP: logPause({ pauses, minutes, longest: longestMinutes }), minutes, longestMinutes, pauses };
}
