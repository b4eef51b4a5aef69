import { logPause } from '#shared/explain/pause.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { createRecords } from './records.ts';

/** Fields of a speaker's record. Times are minutes of the heard clock unless said otherwise. */
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
 * How long speakers pause, on a clock that runs only while anybody is heard: where all stop, nobody is missed. The
 * chance that a pause is longer than all n before it is 1/(n + 1), whatever their distribution; how much longer, a
 * Pareto tail says. The longest pause of two to four weeks holds the nights and weekends, so that no season is needed.
 *
 * @source records of exchangeable draws: Rényi 1962; tail: Pickands 1975, Annals of Statistics 3(1)
 */
export interface Pauses {
  /** A minute of the heard clock has begun. */
  tick(): void;
  spoke(speaker: number, time: number): void;
  /** The running pause of a speaker where it is worth telling and has not been told; says so once. */
  missed(speaker: number, time: number): Pause | undefined;
  forget(speaker: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export function createPauses(name: string): Pauses {
  const records = createRecords(name, width);
  let now = 0;
  const pausesOf = (at: number) =>
    (records.data[at + pausesNow] ?? 0) + (records.data[at + pausesBefore] ?? 0);
  const longestOf = (at: number) =>
    Math.max(1, records.data[at + longestNow] ?? 0, records.data[at + longestBefore] ?? 0);
  const turn = (at: number) => {
    const { data } = records;
    const number = Math.floor(now / fortnightMinutes);
    const behind = number - (data[at + fortnight] ?? 0);
    if (behind <= 0) return;
    data[at + pausesBefore] = behind === 1 ? (data[at + pausesNow] ?? 0) : 0;
    data[at + longestBefore] = behind === 1 ? (data[at + longestNow] ?? 0) : 0;
    data[at + pausesNow] = 0;
    data[at + longestNow] = 0;
    data[at + fortnight] = number;
  };
  return {
    tick: () => {
      now += 1;
    },
    spoke: (speaker, time) => {
      const at = records.at(speaker);
      const { data } = records;
      const before = data[at + last] ?? 0;
      if (before === now + 1) return;
      data[at + last] = now + 1;
      if (before === 0) {
        data[at + since] = time;
        data[at + fortnight] = Math.floor(now / fortnightMinutes);
        return;
      }
      turn(at);
      data[at + pausesNow] = (data[at + pausesNow] ?? 0) + 1;
      data[at + longestNow] = Math.max(data[at + longestNow] ?? 0, now + 1 - before);
      data[at + told] = 0;
    },
    missed: (speaker, time) => {
      const at = records.at(speaker);
      const { data } = records;
      const before = data[at + last] ?? 0;
      const longestMinutes = longestOf(at);
      const minutes = now + 1 - before;
      if (before === 0 || minutes < lengthMin * longestMinutes || (data[at + told] ?? 0) > 0)
        return undefined;
      if (time - (data[at + since] ?? 0) < knownAfterMs || pausesOf(at) < pausesMin) return undefined;
      data[at + told] = 1;
      const pauses = pausesOf(at);
      return { lnP: logPause({ pauses, minutes, longest: longestMinutes }), minutes, longestMinutes, pauses };
    },
    forget: records.clear,
    save: (state) => {
      state.value(`${name}-now`, now);
      records.save(state);
    },
    restore: (state) => {
      now = Number(state.value(`${name}-now`) ?? 0);
      records.restore(state);
    },
  };
}
