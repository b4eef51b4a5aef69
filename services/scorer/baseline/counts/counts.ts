import type { WorkingStep } from '#shared/explain/working.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import { lengthText } from '../../wording.ts';
import type { Visit } from '../tables/belongings.ts';
import {
  count,
  createCountModel,
  exposure,
  newcomerWindows,
  ownWindowsMin,
  square,
  sum,
  window,
} from './count-model.ts';

/** What a running window holds against what it should: all that evidence needs. */
interface CountView {
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
  /** Start (UTC ms) of the slot's window that an event at `time` would end; undefined where it ends none. */
  endedBy(slot: number, time: number): number | undefined;
  /** ln p of the slot's latest window as it is. `time` lies in it, UTC ms. */
  scoreEnded(slot: number, group: number, time: number): number;
  describe(slot: number, group: number, time: number): CountView;
  /** What `score` is computed from. */
  working(slot: number, group: number, time: number): WorkingStep;
  /**
   * Counts an event; the slot's former window closes and teaches.
   *
   * @param familiarity asked where a window closes: ln p of how common the caller is, by which a change of its ways is
   *   believed sooner or later
   */
  learn(slot: number, group: number, time: number, familiarity: () => number): void;
  /** Everything that belongs to a slot. */
  belongings(slot: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const halfLifeMs = 28 * 86_400_000; // four weekly seasons

export function createCounts(name: string, windowMs: number): Counts {
  const model = createCountModel(name);
  const { records } = model;
  const runningCount = (at: number, time: number): number =>
    records.data[at + window] === Math.floor(time / windowMs) + 1 ? (records.data[at + count] ?? 0) : 0;

  return {
    windowMs,
    score: (slot, group, time) => {
      const at = records.at(slot);
      if ((records.data[at + window] ?? 0) > Math.floor(time / windowMs) + 1) return 1; // its window has closed
      return model.tail(at, group, runningCount(at, time), time);
    },
    endedBy: (slot, time) => {
      const running = records.data[records.at(slot) + window] ?? 0;
      return running > 0 && running < Math.floor(time / windowMs) + 1 ? (running - 1) * windowMs : undefined;
    },
    scoreEnded: (slot, group, time) => {
      const at = records.at(slot);
      return model.tail(at, group, (records.data[at + count] ?? 1) - 1, time);
    },
    describe: (slot, group, time) => {
      const at = records.at(slot);
      const windows = records.data[at + exposure] ?? 0;
      const median = model.groupMedian(group);
      const isOwn = windows >= ownWindowsMin;
      const reaches = (p: number) => countAt((more) => model.tail(at, group, more, time) > Math.log(p));
      const from = Math.floor(time / windowMs) * windowMs;
      return {
        observed: runningCount(at, time) + 1,
        expected: (isOwn ? model.mean(at, group, time) : median) + 1,
        lower: reaches(0.975) + 1,
        upper: reaches(0.025) + 1,
        source: !isOwn ? 'group' : windows < newcomerWindows ? 'mixed' : 'self',
        groupExpected: median + 1,
        from,
        to: from + windowMs,
      };
    },
    working: (slot, group, time) => {
      const at = records.at(slot);
      return {
        name: `within ${lengthText(windowMs)}`,
        formula: 'count-tail',
        numbers: { ...model.numbers(at, group, runningCount(at, time), time) },
      };
    },
    learn: (slot, group, time, familiarity) => {
      const at = records.at(slot);
      const number = Math.floor(time / windowMs) + 1;
      const running = records.data[at + window] ?? 0;
      if (number < running) return; // late: its window has closed, and a baseline is no place to reopen it
      if (number > running) {
        if (running > 0) {
          model.close(at, group, windowMs, familiarity());
          fade(records.data, at, 2 ** (-((number - running) * windowMs) / halfLifeMs));
        }
        records.data[at + window] = number;
        records.data[at + count] = 0;
      }
      records.data[at + count] = (records.data[at + count] ?? 0) + 1;
    },
    belongings: (slot, visit) => visit.row(records, slot),
    save: model.save,
    restore: model.restore,
  };
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
