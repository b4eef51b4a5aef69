import type { Alert } from '#shared/alert.ts';
import type { Decision } from '#shared/decision.ts';
import type { Signal } from '#shared/signal.ts';
import { type Correlator, createCorrelator } from '../../../../services/scorer/correlation/correlator.ts';
import { createDecisions } from '../../../../services/scorer/decisions.ts';
import { detectors } from '../../../../services/scorer/detectors/index.ts';
import { createEngine, type Engine } from '../../../../services/scorer/engine/engine.ts';
import { decodeState, encodeState } from '../../../../services/scorer/state.ts';
import type { NativeEvent } from '../../../../services/simulator/call.ts';

export interface PipelineOptions {
  readonly decisions: readonly Decision[];
  readonly alertsPerDay: number;
  readonly learnUntil: number;
}

/** Scorer and correlator as the backtest joins them, event by event; a fork goes on from the same snapshot. */
export interface Pipeline {
  readonly alerts: Alert[];
  readonly signals: Signal[];
  take(event: NativeEvent, n: number): void;
  fork(): Pipeline;
}

/**
 * Joins a scorer and a correlator.
 *
 * @param snapshot what an earlier one knew; nothing where it is not given
 */
export function createPipeline(options: PipelineOptions, snapshot?: Buffer): Pipeline {
  const decisions = createDecisions();
  for (const decision of options.decisions) decisions.apply(decision.key, decision);
  const correlator: Correlator = createCorrelator({ ...options, detectors });
  const alerts: Alert[] = [];
  const signals: Signal[] = [];
  const engine: Engine = createEngine({
    detectors,
    decisions,
    alertsPerDay: options.alertsPerDay,
    onSignal: (signal) => {
      signals.push(signal);
      alerts.push(...correlator.take(signal));
    },
  });
  const parts = Object.entries({ engine, correlator });
  if (snapshot !== undefined) {
    const state = decodeState(snapshot);
    for (const [name, part] of parts) part.restore(state.within(name));
  }
  return {
    alerts,
    signals,
    take: (event, n) => {
      engine.process({ ...event, id: String(n), received_at: event.time, space: 'default' }, 'both');
    },
    fork: () => {
      const bytes = encodeState((state) => {
        for (const [name, part] of parts) part.save(state.within(name));
      });
      return createPipeline(options, bytes);
    },
  };
}
