import { logStudentTail } from '#shared/stats/log-student-tail.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import type { Visit } from '../tables/belongings.ts';
import { createSingleRecords } from '../tables/records.ts';

/** What is expected of a quantity before it is seen: a Student t distribution. */
export interface Prediction {
  center: number;
  scale: number;
  degrees: number;
}

/**
 * Baselines of quantities (a logarithm of a duration, of a size), by slot: an adaptive normal body, whose prediction
 * is Student's t as long as little is known. A slot that knows nothing predicts what its prior predicts: its group,
 * or whoever is most like it.
 *
 * @source normal-inverse-gamma conjugate update: Gelman et al., Bayesian Data Analysis, 3rd edition, 3.3; winsorised
 *   learning: Huber 1964, Annals of Mathematical Statistics 35(1)
 */
export interface Quantities {
  /** Writes the prediction of a slot into `into`; of a slot below 0 or empty, what `into` held: the prior. */
  predict(slot: number, into: Prediction): void;
  /** Takes a value in, after `predict` for the same slot, whose result says what is an outlier. */
  learn(slot: number, value: number, weight: number, prediction: Prediction): void;
  /** How much the slot knows: observations, decayed. */
  weight(slot: number): number;
  /** Everything that belongs to a slot. */
  belongings(slot: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const count = 0;
const mean = 1;
const squares = 2;

// The prior counts as one observation of the centre and four of the scale: enough to make one sample harmless.
const priorCenterWeight = 1;
const priorScaleWeight = 4;
// A value further out than this many scales teaches as if it lay there.
const winsorAt = 4;
/** Beyond this many observations old ones fade: half of what is known is younger than 350 observations. */
export const memoryMax = 500;

/**
 * @param key under which the baselines are saved
 * @param degreesMax degrees of freedom of the prediction where much is known, at most; as many as observations, and
 *   so as good as normal, unless given
 */
export function createQuantities(key: string, degreesMax: number = Number.POSITIVE_INFINITY): Quantities {
  const records = createSingleRecords(key, 3);
  const at = (slot: number, field: number) => records.data[slot * 3 + field] ?? 0;
  return {
    predict: (slot, into) => {
      const known = slot < 0 ? 0 : at(slot, count);
      if (known === 0) return;
      const shift = at(slot, mean) - into.center;
      const pull = (priorCenterWeight * known) / (priorCenterWeight + known);
      // A prior far from what the slot shows is wrong about the centre, not a reason to expect anything.
      const doubt = Math.min(pull * shift * shift, priorScaleWeight * into.scale * into.scale);
      const spread = priorScaleWeight * into.scale * into.scale + at(slot, squares) + doubt;
      const degrees = priorScaleWeight + known;
      into.center += (known / (priorCenterWeight + known)) * shift;
      into.scale = Math.sqrt((spread / degrees) * (1 + 1 / (priorCenterWeight + known)));
      into.degrees = Math.min(degrees, degreesMax);
    },
    learn: (slot, value, weight, { center, scale }) => {
      if (!(weight > 0)) return; // nothing to be learned
      const start = records.at(slot);
      const reach = winsorAt * scale;
      const taught = Math.min(center + reach, Math.max(center - reach, value));
      const { data } = records;
      const known = data[start + count] ?? 0;
      const fade = known + weight > memoryMax ? memoryMax / (known + weight) : 1;
      const total = known + weight;
      const delta = taught - (data[start + mean] ?? 0);
      const newMean = (data[start + mean] ?? 0) + (weight / total) * delta;
      data[start + count] = total * fade;
      data[start + mean] = newMean;
      data[start + squares] = ((data[start + squares] ?? 0) + weight * delta * (taught - newMean)) * fade;
    },
    weight: (slot) => (slot < 0 ? 0 : at(slot, count)),
    belongings: (slot, visit) => visit.row(records, slot),
    save: records.save,
    restore: records.restore,
  };
}

/** ln P(X ≥ value) of a prediction. */
export function logUpper(value: number, { center, scale, degrees }: Prediction): number {
  return logStudentTail((value - center) / scale, degrees);
}

// 97.5 % quantile of the normal distribution; for few degrees of freedom Student's is wider by about 2.4/ν.
const normal975 = 1.96;

/** The central 95 % of a prediction, to about 2 %. */
export function usualRange({ center, scale, degrees }: Prediction): readonly [number, number] {
  const reach = scale * normal975 * (1 + 1.2 / Math.max(1, degrees - 0.6));
  return [center - reach, center + reach];
}
