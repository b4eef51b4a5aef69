import type { Alert } from '#shared/alert.ts';
import type { Signal } from '#shared/signal.ts';
import { alertOf } from './alert-text.ts';
import { createBudget } from './budget.ts';
import { type Case, createCases } from './cases.ts';
import type { Detector } from './detectors/detector.ts';
import type { StateReader, StateWriter } from './state.ts';

/** Signals in, alerts out. Pure: no clock, no input or output. */
export interface Correlator {
  /** Takes a signal in; what comes back is a new alert, a new revision of one, or nothing to tell. */
  take(signal: Signal): Alert | undefined;
  /** The score from which cases are told now. */
  threshold(): number;
  readonly openCases: number;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export interface CorrelatorOptions {
  readonly alertsPerDay: number;
  readonly detectors: readonly Detector[];
  /** Signals before this event time teach the budget and are not told. */
  readonly learnUntil?: number;
}

// A revision is told when the score rose by a fifth or the case spread to as many peers again.
const revisionGrowth = 1.2;

export function createCorrelator(options: CorrelatorOptions): Correlator {
  const budget = createBudget(options.alertsPerDay);
  const cases = createCases();
  const detectorOf = new Map(options.detectors.map((detector) => [detector.name, detector]));
  const learnUntil = options.learnUntil ?? 0;

  const tell = (known: Case): Alert | undefined => {
    const { score } = known.best;
    if (known.revision === 0) {
      if (known.best.time < learnUntil || score < budget.threshold()) return undefined;
      budget.spend();
      known.toldAt = known.best.time;
    } else if (score < known.toldScore * revisionGrowth) {
      return undefined;
    }
    known.revision += 1;
    known.toldScore = score;
    return alertOf(known, detectorOf);
  };

  return {
    take: (signal) => {
      budget.advance(signal.time);
      const { known, before } = cases.take(signal);
      if (known.best.score > before) budget.note(before, known.best.score);
      return tell(known);
    },
    threshold: budget.threshold,
    get openCases() {
      return cases.count;
    },
    save: (state) => {
      budget.save(state.within('budget'));
      cases.save(state.within('cases'));
    },
    restore: (state) => {
      budget.restore(state.within('budget'));
      cases.restore(state.within('cases'));
    },
  };
}
