import { createRecords } from '../baseline/tables/records.ts';
import type { StateReader, StateWriter } from '../state.ts';

/** How many cases reach which score, of late: a histogram whose past fades. */
export interface ScoreRate {
  /** One more case of this score; with -1 or a share of it, one less. */
  add(score: number, count: number): void;
  /** Everything so far counts for so much of what it did. */
  fade(share: number): void;
  /** The lowest score that no more than so many cases reached. */
  scoreOf(count: number): number;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// Scores by thirtieth parts of an e-fold: 3 % wide, from 0.01 to beyond 10^6.
const binsPerFold = 30;
const bins = binsPerFold * 19;
const scoreMin = 0.01;

/** @param key under which it is saved */
export function createScoreRate(key: string): ScoreRate {
  const records = createRecords(key, bins);
  records.at(0);
  return {
    add: (score, count) => {
      const bin = binOf(score);
      records.data[bin] = Math.max(0, (records.data[bin] ?? 0) + count);
    },
    fade: (share) => {
      for (let bin = 0; bin < bins; bin += 1) records.data[bin] = (records.data[bin] ?? 0) * share;
    },
    scoreOf: (count) => {
      let reached = 0;
      let bin = bins;
      while (bin > 0 && reached + (records.data[bin - 1] ?? 0) <= count) {
        bin -= 1;
        reached += records.data[bin] ?? 0;
      }
      return scoreMin * Math.exp(bin / binsPerFold);
    },
    save: records.save,
    restore: (state) => {
      records.restore(state);
      records.at(0);
    },
  };
}

const binOf = (score: number) =>
  Math.min(bins - 1, Math.max(0, Math.floor(binsPerFold * Math.log(Math.max(score, scoreMin) / scoreMin))));
