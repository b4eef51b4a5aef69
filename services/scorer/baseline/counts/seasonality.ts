import type { StateReader, StateWriter } from '../../state.ts';
import { createRecords } from '../tables/records.ts';

/** How a group's activity swings over the 168 hours of a week: factors around 1, in UTC. */
export interface Seasonality {
  factor(group: number, time: number): number;
  /** Of what adds rather than multiplies, expected 1 at a time: what was observed on the average; 0 is no season. */
  shift(group: number, time: number): number;
  /** An hour of the week saw `observed` where `expected` would be its share without a season. */
  learn(group: number, time: number, observed: number, expected: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const hoursPerWeek = 168;
const hourMs = 3_600_000;
const epochHourOfWeek = 72; // 1970-01-01 was a Thursday: three days after Monday
// An hour of the week needs as much as 20 windows' worth of events before it is believed by half.
const priorWindows = 20;

export function createSeasonality(name: string): Seasonality {
  // Per hour: observed and expected.
  const records = createRecords(name, hoursPerWeek * 2);
  const meanOf = (group: number, time: number, prior: number) => {
    const at = records.at(group) + hourOfWeek(time) * 2;
    const observed = records.data[at] ?? 0;
    const expected = records.data[at + 1] ?? 0;
    return (observed + prior * priorWindows) / (expected + priorWindows);
  };
  return {
    factor: (group, time) => meanOf(group, time, 1),
    shift: (group, time) => meanOf(group, time, 0),
    learn: (group, time, observed, expected) => {
      const at = records.at(group) + hourOfWeek(time) * 2;
      // In units of the member's own mean, or one large member would be the season of all.
      const unit = Math.max(expected, 1);
      records.data[at] = (records.data[at] ?? 0) * fading + observed / unit;
      records.data[at + 1] = (records.data[at + 1] ?? 0) * fading + expected / unit;
    },
    save: records.save,
    restore: records.restore,
  };
}

// An hour remembers about its last 5,000 windows: months of a small group, weeks of a large one.
const fading = 1 - 1 / 5000;

/** 0 = Monday 00:00 UTC … 167. */
export function hourOfWeek(time: number): number {
  return (Math.floor(time / hourMs) + epochHourOfWeek) % hoursPerWeek;
}
