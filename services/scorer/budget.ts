import { createRecords } from './baseline/records.ts';
import { rulePs } from './detectors/detector.ts';
import type { StateReader, StateWriter } from './state.ts';

/**
 * Spends the operator's budget: what a case must score to be told, so that `alertsPerDay` are told in the long run.
 * Fed with every case, told or not; works in event time.
 */
export interface Budget {
  /** A case's strongest score rose. `before` is 0 for a new case. */
  note(before: number, now: number): void;
  /** A case was told. */
  spend(): void;
  /** Event time reached this, UTC ms. */
  advance(time: number): void;
  /** The score from which cases are told now. */
  threshold(): number;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** Alerts a day unless the operator says otherwise: what one analyst reads over a coffee. */
export const alertsPerDayDefault = 10;

const dayMs = 86_400_000;
const hourMs = 3_600_000;
// How far back the rate of cases is measured: two weekly seasons weigh three quarters.
const halfLifeDays = 7;
// The feedback may not loosen or tighten the budget by more than this, whatever the past weeks held.
const correctionMax = 4;
// Before an hour has been seen there is no rate to go by. What is as unlikely as a broken rule (tier `warning`, one in a
// million) is told then, but no more than a day's budget of it.
const startScore = -Math.log10(rulePs.warning);
// Scores by thirtieth parts of an e-fold: 3 % wide, from 0.01 to beyond 10^6.
const binsPerFold = 30;
const bins = binsPerFold * 19;
const scoreMin = 0.01;
// Fields after the bins.
const days = bins; // decayed days of observation
const spent = bins + 1; // decayed alerts told
const newest = bins + 2; // event time of the last advance
const width = bins + 3;

export function createBudget(alertsPerDay: number): Budget {
  const records = createRecords('budget', width);
  const at = records.at(0);
  let current = startScore;

  const refresh = () => {
    const { data } = records;
    const observed = data[at + days] ?? 0;
    if (observed === 0) return;
    const allowed = alertsPerDay * observed;
    const ratio = ((data[at + spent] ?? 0) + 1) / (allowed + 1);
    const correction = Math.min(correctionMax, Math.max(1 / correctionMax, 1 / ratio));
    let mass = 0;
    let bin = bins;
    while (bin > 0 && mass + (data[at + bin - 1] ?? 0) <= allowed * correction) {
      bin -= 1;
      mass += data[at + bin] ?? 0;
    }
    current = scoreMin * Math.exp(bin / binsPerFold);
  };

  return {
    note: (before, now) => {
      const { data } = records;
      const to = at + binOf(now);
      if (before > 0) {
        const from = at + binOf(before);
        data[from] = Math.max(0, (data[from] ?? 0) - 1);
      }
      data[to] = (data[to] ?? 0) + 1;
    },
    spend: () => {
      const { data } = records;
      data[at + spent] = (data[at + spent] ?? 0) + 1;
      const isStart = (data[at + days] ?? 0) === 0;
      if (isStart && (data[at + spent] ?? 0) >= alertsPerDay) current = Number.POSITIVE_INFINITY;
    },
    advance: (time) => {
      const { data } = records;
      const last = data[at + newest] ?? 0;
      if (last === 0) data[at + newest] = time;
      if (last === 0 || time - last < hourMs) return;
      const fading = 2 ** (-(time - last) / dayMs / halfLifeDays);
      for (let i = 0; i <= spent; i += 1) data[at + i] = (data[at + i] ?? 0) * fading;
      data[at + days] = (data[at + days] ?? 0) + (time - last) / dayMs;
      data[at + newest] = time;
      refresh();
    },
    threshold: () => current,
    save: (state) => {
      records.save(state);
      state.value('threshold', Number.isFinite(current) ? current : null);
    },
    restore: (state) => {
      records.restore(state);
      records.at(0);
      current = Number(state.value('threshold') ?? Number.POSITIVE_INFINITY);
    },
  };
}

const binOf = (score: number) =>
  Math.min(bins - 1, Math.max(0, Math.floor(binsPerFold * Math.log(Math.max(score, scoreMin) / scoreMin))));
