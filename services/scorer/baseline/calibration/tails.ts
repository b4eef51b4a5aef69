import { logCalibrated, type TailNumbers, tailThreshold } from '#shared/explain/calibration.ts';
import { generalizedParetoFit } from '#shared/stats/generalized-pareto-fit.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import { createRecords } from '../tables/records.ts';

/**
 * Tails as they are, by peer group: what a model calls a surprise of 4 nats happens more often than e⁻⁴ where the
 * world is rougher than the model. The excesses of surprise over its 98 % quantile follow a generalised Pareto
 * distribution, fitted to the last few hundred of the whole group.
 *
 * @source peaks over threshold: Siffer, Fouque, Termier & Largouet 2017, KDD (SPOT)
 */
export interface Tails {
  /** ln p as the group's past has it, from ln p as the model has it. Finite for finite input. */
  calibrate(group: number, lnP: number): number;
  /** What `calibrate` is computed from: a copy. */
  numbers(group: number): TailNumbers;
  /** How much the group's past consists of, older for less. */
  observed(group: number): number;
  learn(group: number, lnP: number, weight: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const memoryMax = 100_000; // observations after which the rate of excesses fades
const excessesKept = 256;
const excessesMin = 32;
const refitEvery = 32;

/** Fields of a group's record. */
const observed = 0;
const exceeded = 1;
const kept = 2;
const shape = 3;
const scale = 4;
const ring = 5;
const width = ring + excessesKept;

/** @param key under which the tails are saved */
export function createTails(key: string): Tails {
  const records = createRecords(key, width);
  const found: TailNumbers = { observed: 0, exceeded: 0, shape: 0, spread: 1 }; // scratch
  const at = (group: number, field: number) => records.data[group * width + field] ?? 0;

  const refit = (start: number) => {
    const { data } = records;
    const count = Math.min(excessesKept, data[start + kept] ?? 0);
    const { shape: newShape, scale: newScale } = generalizedParetoFit(
      data.slice(start + ring, start + ring + count).sort(),
    );
    // A bounded tail would call what lies beyond its end impossible; the exponential one says how unlikely it is.
    data[start + shape] = Math.max(0, newShape);
    data[start + scale] = newScale;
  };
  const read = (group: number) => {
    found.observed = at(group, observed);
    found.exceeded = at(group, exceeded);
    found.shape = at(group, shape);
    found.spread = at(group, scale) === 0 ? 1 : at(group, scale);
  };
  return {
    calibrate: (group, lnP) => {
      read(group);
      return logCalibrated(lnP, found);
    },
    numbers: (group) => {
      read(group);
      return { ...found };
    },
    observed: (group) => at(group, observed),
    learn: (group, lnP, weight) => {
      const start = records.at(group);
      const { data } = records;
      const fade = (data[start + observed] ?? 0) >= memoryMax ? 1 - weight / memoryMax : 1;
      data[start + observed] = (data[start + observed] ?? 0) * fade + weight;
      data[start + exceeded] = (data[start + exceeded] ?? 0) * fade;
      // Half an observation or less: whoever judges it suspicious does not want it learned as ordinary.
      if (-lnP <= tailThreshold || weight <= 0.5) return;
      data[start + exceeded] = (data[start + exceeded] ?? 0) + weight;
      const place = data[start + kept] ?? 0;
      data[start + ring + (place % excessesKept)] = -lnP - tailThreshold;
      data[start + kept] = place + 1;
      if (place + 1 >= excessesMin && (place + 1) % refitEvery === 0) refit(start);
    },
    save: records.save,
    restore: records.restore,
  };
}
