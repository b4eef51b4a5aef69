import { createRecords } from '../baseline/tables/records.ts';
import type { StateReader, StateWriter } from '../state.ts';

/**
 * Event time, of each space its own: a recording that is replayed into one must not be late because another is live.
 * Spaces are numbered by `Agents.populationOf`, which bounds them.
 */
export interface SpaceClocks {
  /** The newest event time of all spaces, UTC ms; 0 before the first event. */
  readonly newest: number;
  /** The newest event time of a space so far. */
  of(space: number): number;
  /** An event of this time came. Calls back for each whole minute that the space reached by it, each once. */
  reach(space: number, time: number, onMinute: (time: number) => void): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const minuteMs = 60_000;
// After a gap of events longer than this nothing is left running that could close.
const minutesCaughtUpMax = 7 * 24 * 60;

export function createSpaceClocks(): SpaceClocks {
  const clocks = createRecords('clocks', 1);
  let newest = 0;
  return {
    get newest() {
      return newest;
    },
    of: (space) => clocks.data[space] ?? 0,
    reach: (space, time, onMinute) => {
      const at = clocks.at(space);
      const before = clocks.data[at] ?? 0;
      if (time <= before) return;
      const now = Math.floor(time / minuteMs);
      if (before > 0) {
        const from = Math.max(Math.floor(before / minuteMs) + 1, now - minutesCaughtUpMax);
        for (let minute = from; minute <= now; minute += 1) onMinute(minute * minuteMs);
      }
      clocks.data[at] = time;
      newest = Math.max(newest, time);
    },
    save: clocks.save,
    restore: (state) => {
      clocks.restore(state);
      newest = clocks.data.reduce((max, time) => Math.max(max, time), 0);
    },
  };
}
