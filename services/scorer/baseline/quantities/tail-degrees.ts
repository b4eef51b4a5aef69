import { logBeta } from '#shared/stats/log-beta.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import { createRecords } from '../tables/records.ts';
import type { Prediction } from './quantities.ts';

/**
 * How heavy the tails of a peer group's quantities are: the degrees of freedom with which Student's t has foretold
 * them best so far. Durations and sizes of one kind of agent are log-normal, those of another have outliers every day.
 *
 * @source Dawid 1984, Journal of the Royal Statistical Society A 147(2): a forecaster is chosen by the likelihood of
 *   its forecasts
 */
export interface TailDegrees {
  /** The prediction with the group's tail, of the same variance. One object, reused. */
  shaped(group: number, prediction: Readonly<Prediction>): Prediction;
  /** Takes in a value of which this was predicted, as it was before `shaped`. */
  learn(group: number, value: number, weight: number, prediction: Readonly<Prediction>): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// From outliers every day to as good as normal. The first is what is thought of a group that nothing is known of.
const candidates = [6, 3, 4, 9, 16, 1000] as const;
// Another one must have foretold e³ times better before it is believed.
const prejudice = 3;
// Of some ten thousand quantities: what is known of the tail follows a group that changes within days.
const fading = 1 - 1 / 10_000;

// Where so little is known of the level itself, its own uncertainty makes the tail.
const degreesKnownMin = 30;
/** The terms of each candidate's log-likelihood that no value changes. */
const constants = candidates.map((degrees) => -logBeta(degrees / 2, 0.5) - Math.log(degrees - 2) / 2);

/** @param key under which they are saved */
export function createTailDegrees(key: string): TailDegrees {
  const records = createRecords(key, candidates.length); // log-likelihoods
  const found: Prediction = { center: 0, scale: 1, degrees: 1 }; // scratch: the hot path allocates nothing
  const chosen = (group: number): number => {
    const at = records.at(group);
    let best = 0;
    let most = (records.data[at] ?? 0) + prejudice;
    for (let i = 1; i < candidates.length; i += 1) {
      const likelihood = records.data[at + i] ?? 0;
      if (likelihood <= most) continue;
      best = i;
      most = likelihood;
    }
    return candidates[best] ?? candidates[0];
  };
  return {
    shaped: (group, { center, scale, degrees: known }) => {
      const degrees = chosen(group);
      found.center = center;
      found.degrees = Math.min(degrees, known);
      found.scale = known > degrees ? scale * Math.sqrt((degrees - 2) / degrees) : scale;
      return found;
    },
    learn: (group, value, weight, { center, scale, degrees: known }) => {
      if (known < degreesKnownMin) return;
      const at = records.at(group);
      const { data } = records;
      const square = ((value - center) / scale) ** 2;
      for (let i = 0; i < candidates.length; i += 1) {
        const degrees = candidates[i] ?? 0;
        const logDensity = (constants[i] ?? 0) - ((degrees + 1) / 2) * Math.log1p(square / (degrees - 2));
        data[at + i] = (data[at + i] ?? 0) * fading + weight * logDensity;
      }
    },
    save: records.save,
    restore: records.restore,
  };
}
