import type { Alert } from '#shared/alert.ts';
import type { Decision } from '#shared/decision.ts';
import type { Signal } from '#shared/signal.ts';
import type { Detector } from '../detectors/detector.ts';
import { weakEvidence } from '../engine/weak-evidence.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { alertOf, type Named } from './alert-text.ts';
import { createBudget, type Reserve } from './budget.ts';
import type { Case } from './case.ts';
import { createCases } from './cases.ts';

/** Signals of one space in, alerts out. Pure: no clock, no input or output. */
export interface Correlator {
  /** Takes a signal in; what comes back is what to tell: new alerts, and new revisions of known ones. */
  take(signal: Signal): readonly Alert[];
  /** What a person decided about an alert, by its key `alert/ID`; `undefined` takes it back. */
  decide(key: string, decision: Decision | undefined): void;
  /** The score from which cases are told now. */
  threshold(): number;
  readonly openCases: number;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export interface CorrelatorOptions {
  /** The budget of the space. */
  readonly alertsPerDay: number;
  readonly reserve?: Reserve;
  readonly detectors: readonly Detector[];
  /** Signals before this event time teach the budget and are not told. */
  readonly learnUntil?: number;
}

// A revision is told when the score rose by a fifth and when the case spread to as many others again; what merely goes
// on, or comes back, brings the alert up to date once an hour.
const revisionGrowth = 1.2;
const spreadGrowth = 2;
const refreshMs = 3_600_000;

export function createCorrelator(options: CorrelatorOptions): Correlator {
  const { alertsPerDay, reserve } = options;
  const budget = createBudget({ alertsPerDay, ...(reserve === undefined ? {} : { reserve }) });
  const rules = new Set(options.detectors.filter(({ kind }) => kind === 'rule').map(({ name }) => name));
  const cases = createCases((name) => rules.has(name));
  const named = new Map<string, Named>(options.detectors.map((detector) => [detector.name, detector]));
  named.set(weakEvidence.name, weakEvidence);
  const learnUntil = options.learnUntil ?? 0;

  const isToTell = (known: Case): boolean => {
    const { score, time } = known.best;
    if (known.revision === 0) {
      if (time >= learnUntil) return budget.spend({ id: known.id, score });
      // So that learning already sees how many of the cases are no more than the return of an earlier one.
      if (score >= budget.threshold() && known.rememberedFrom === 0) known.rememberedFrom = time;
      return false;
    }
    return (
      score >= known.toldScore * revisionGrowth ||
      spreadOf(known) >= known.toldSpread * spreadGrowth ||
      known.to - known.toldTo >= refreshMs
    );
  };
  const revise = (known: Case): Alert => {
    if (known.revision === 0) known.toldAt = known.rememberedFrom = known.best.time;
    known.revision += 1;
    known.toldScore = known.best.score;
    known.toldSpread = spreadOf(known);
    known.toldTo = known.to;
    return alertOf(known, named);
  };

  return {
    take: (signal) => {
      budget.advance(signal.time, signal.time >= learnUntil);
      const { known, before } = cases.take(signal);
      if (known.best.score > before) budget.note(before, known.best.score);
      const folded = cases.fold(signal, known);
      if (folded === undefined) return isToTell(known) ? [revise(known)] : [];
      const { whole, parts } = folded;
      for (const part of parts) budget.note(part.best.score, 0);
      if (whole.best.score > folded.before) budget.note(folded.before, whole.best.score);
      const told = isToTell(whole) ? [revise(whole)] : [];
      return [...told, ...parts.filter(({ revision }) => revision > 0).map(revise)];
    },
    decide: (key, decision) => {
      if (isConfirmed(decision)) budget.exempt(key.slice(key.indexOf('/') + 1));
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

/** How many it has come to. */
const spreadOf = ({ shift, peers }: Case): number => Math.max(1, shift?.members ?? peers.size);

/** `{"verdict":"confirmed"}`: a real incident. */
function isConfirmed(decision: Decision | undefined): boolean {
  const body = decision?.body;
  return typeof body === 'object' && body !== null && 'verdict' in body && body.verdict === 'confirmed';
}
