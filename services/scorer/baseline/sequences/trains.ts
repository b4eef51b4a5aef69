import type { IntervalSums } from '#shared/stats/log-regularity.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import { createRecords, type Records } from '../tables/records.ts';

/** Intervals that make a train: what a beacon may take to be found, at most. */
export const trainIntervals = 24;
// Calls closer than this are one beat: a page and its pictures, a request and its retry.
const burstMs = 1000;
// So many mean intervals without a beat end a train: the machine slept. One gap in 3,000 of chance arrivals does.
const restIntervals = 8;
const restKnownFrom = 4;

/** Fields of an edge's record. */
const last = 0; // time of its newest call
export const count = 1;
const sum = 2; // Σ of the intervals, ms
const logSum = 3; // Σ of their natural logs
export const start = 4; // time of the train's first beat
export const period = 5; // ln of the mean interval of the last train that was regular, else 0
export const trains = 6; // whole trains so far
const width = 7;

/**
 * The beats of each edge, gathered into trains of 24 intervals: three sums, whatever their number. An interval is
 * what passed since the newest call beyond the second that makes calls one beat; so the intervals of chance (Poisson)
 * arrivals stay exponential, however busy the edge.
 */
export interface Trains {
  /** The numbers of an edge start at `at(edge)`. */
  readonly records: Records;
  /** The interval that a call at `time` would end, in ms; 0 where it ends none or begins a train. */
  interval(edge: number, time: number): number;
  /** The edge's train with one interval more, or as it is with 0. Scratch: the next reading overwrites it. */
  read(edge: number, interval: number): IntervalSums;
  /** What was read last. */
  readonly train: IntervalSums;
  /** Takes a call in. */
  learn(edge: number, time: number): void;
  /** Begins the next train; `logPeriod` is 0 where the last one was not regular. */
  close(edge: number, logPeriod: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export function createTrains(name: string): Trains {
  const records = createRecords(name, width);
  const isRest = (at: number, gap: number) => {
    const { data } = records;
    const intervals = data[at + count] ?? 0;
    if (intervals >= restKnownFrom) return gap * intervals > restIntervals * (data[at + sum] ?? 0);
    const before = data[at + period] ?? 0;
    return before !== 0 && gap > restIntervals * Math.exp(before);
  };
  const interval = (edge: number, time: number): number => {
    const at = records.at(edge);
    const before = records.data[at + last] ?? 0;
    const gap = time - before - burstMs;
    return before === 0 || gap <= 0 || isRest(at, gap) ? 0 : gap;
  };
  const begin = (at: number, time: number) => {
    const { data } = records;
    data[at + count] = 0;
    data[at + sum] = 0;
    data[at + logSum] = 0;
    data[at + start] = time;
  };
  const train = { count: 0, sum: 0, logSum: 0 };
  return {
    records,
    interval,
    train,
    read: (edge, more) => {
      const at = records.at(edge);
      train.count = (records.data[at + count] ?? 0) + (more > 0 ? 1 : 0);
      train.sum = (records.data[at + sum] ?? 0) + more;
      train.logSum = (records.data[at + logSum] ?? 0) + (more > 0 ? Math.log(more) : 0);
      return train;
    },
    learn: (edge, time) => {
      const gap = interval(edge, time);
      const at = records.at(edge);
      const { data } = records;
      const before = data[at + last] ?? 0;
      if (time <= before) return; // late: its interval is over
      data[at + last] = time;
      if (gap > 0) {
        data[at + count] = (data[at + count] ?? 0) + 1;
        data[at + sum] = (data[at + sum] ?? 0) + gap;
        data[at + logSum] = (data[at + logSum] ?? 0) + Math.log(gap);
      } else if (time - before > burstMs) {
        begin(at, time);
      }
    },
    close: (edge, logPeriod) => {
      const at = records.at(edge);
      const { data } = records;
      begin(at, data[at + last] ?? 0);
      data[at + period] = logPeriod;
      data[at + trains] = (data[at + trains] ?? 0) + 1;
    },
    save: records.save,
    restore: records.restore,
  };
}
