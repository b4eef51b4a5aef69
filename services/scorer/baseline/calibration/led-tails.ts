import type { TailNumbers } from '#shared/explain/calibration.ts';
import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import { createNames } from '../tables/names.ts';
import { createTails } from './tails.ts';

/**
 * Tails of windows by peer group and by the detector that is surprised most in them: where one detector promises too
 * much, its windows alone are corrected, and do not drown those that others lead. Found on simulated networks (seeds
 * 11 and 12, ten alerts a day): 101 of 102 attacks are told, where one tail for each group tells 96.
 */
export interface LedTails {
  /** ln p as the past of such windows has it. */
  calibrate(window: LedWindow): number;
  /** What `calibrate` is computed from: a copy. */
  numbers(window: LedWindow): TailNumbers;
  learn(window: LedWindow, weight: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

interface LedWindow {
  readonly group: number;
  /** Index of the detector. */
  readonly lead: number;
  /** ln p as the model has it. */
  readonly lnP: number;
}

const detectorsMax = 128; // those beyond share one tail

/**
 * @param key under which the tails are saved
 * @param detectors names by index; the tails of a name outlive its place
 */
export function createLedTails(key: string, detectors: readonly string[]): LedTails {
  const names = createNames(`${key}-detectors`, detectorsMax);
  const tails = createTails(key);
  const slotOf = ({ group, lead }: LedWindow) => group * detectorsMax + names.intern(detectors[lead] ?? '');
  return {
    calibrate: (window) => tails.calibrate(slotOf(window), window.lnP),
    numbers: (window) => tails.numbers(slotOf(window)),
    learn: (window, weight) => tails.learn(slotOf(window), window.lnP, weight),
    ...allOf([names, tails]),
  };
}
