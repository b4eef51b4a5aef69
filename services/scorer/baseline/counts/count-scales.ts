import type { Counted, Working } from '#shared/explain/working.ts';
import { createHarmonicMean } from '#shared/stats/harmonic-mean.ts';
import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import { learningWeight } from '../calibration/learning.ts';
import { createSurprises } from '../calibration/surprises.ts';
import type { Visit } from '../tables/belongings.ts';
import { type Counts, createCounts } from './counts.ts';

/** Whose count, of which group, at what moment (UTC ms). */
type Place = readonly [slot: number, group: number, time: number];

/**
 * Events counted in windows of several lengths, by slot. What the lengths say together is measured by how often the
 * group's own windows, of the shortest length, were as surprising when they closed.
 */
export interface CountScales {
  /** ln p of the running windows with one more event. 1: no test. */
  score(slot: number, group: number, time: number): number;
  /** The length that speaks loudest. */
  strongest(...place: Place): Counts;
  /** What `score` is computed from: a step for each length that has a test. */
  working(place: Place, counted: Counted): Working;
  /** Counts an event; the slot's windows that it ends teach. `familiarity` as in `Counts`. */
  learn(slot: number, group: number, time: number, familiarity: () => number): void;
  /** Everything that belongs to a slot. */
  belongings(slot: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/**
 * @param name of its blocks in a snapshot
 * @param windowsMs ascending: each a whole multiple of the one before
 */
export function createCountScales(name: string, windowsMs: readonly number[]): CountScales {
  const scales = windowsMs.map((windowMs) => createCounts(`${name}-${windowMs}`, windowMs));
  const [shortest] = scales;
  if (shortest === undefined) throw new RangeError('createCountScales requires at least one length');
  const surprises = createSurprises(`${name}-surprises`);
  const parts = [...scales, surprises];
  const joint = createHarmonicMean();

  return {
    score: (slot, group, time) => {
      joint.clear();
      for (const counts of scales) joint.add(counts.score(slot, group, time));
      const lnP = joint.result();
      return lnP > 0 ? lnP : surprises.calibrate(group, lnP);
    },
    strongest: (...place) =>
      scales.reduce((best, counts) => (counts.score(...place) < best.score(...place) ? counts : best)),
    working: (place, counted) => {
      joint.clear();
      for (const counts of scales) joint.add(counts.score(...place));
      const tested = scales.filter((counts) => counts.score(...place) <= 0);
      return {
        combine: 'harmonic',
        steps: tested.map((counts) => counts.working(...place)),
        past: surprises.numbers(place[1], joint.result()),
        counted,
      };
    },
    learn: (slot, group, time, familiarity) => {
      const ended = shortest.endedBy(slot, time);
      if (ended !== undefined) {
        // As they were when it ended: none of the windows has taught since.
        joint.clear();
        for (const counts of scales) joint.add(counts.scoreEnded(slot, group, ended));
        // What is unusual to its own past teaches little, as in its baseline: else floods, where they are frequent,
        // would be ordinary. On darpa98 before July: AUC 0.994 over all rows instead of 0.992.
        surprises.learn(group, joint.result(), learningWeight(joint.result()));
      }
      for (const counts of scales) counts.learn(slot, group, time, familiarity);
    },
    belongings: (slot, visit) => {
      for (const counts of scales) counts.belongings(slot, visit);
    },
    ...allOf(parts),
  };
}
