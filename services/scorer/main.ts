import type { ServiceContext } from '#shared/context.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import { detectors } from './detectors/index.ts';
import { createEngine, type EngineOptions } from './engine.ts';
import { followDecisions } from './follow-decisions.ts';
import { startScorerLoop } from './loop.ts';
import type { ScoringEngine } from './partition-scorer.ts';
import type { ScorerSettings } from './settings.ts';
import { decodeState, encodeState } from './state.ts';

/** Starts to score the partitions that the group gives this process. The topics must exist. */
export async function startScorer(context: ServiceContext, settings: ScorerSettings): Promise<Stop> {
  const lifecycle = new Lifecycle();
  const { decisions, stop } = await followDecisions(context, 'scorer');
  lifecycle.defer(stop);
  const heldBack = context.metrics.counter(
    'signals_held_back',
    'Signals that a planned change kept from being told',
  );
  const onHeldBack = () => heldBack.inc({ service: 'scorer', kind: 'planned_change' });
  lifecycle.defer(
    await startScorerLoop(context, {
      createEngine: (onSignal) =>
        scoringEngine({ decisions, alertsPerDay: settings.alerts_per_day, onSignal, onHeldBack }),
      snapshotEveryMs: settings.snapshot_every_ms,
    }),
  );
  return () => lifecycle.stop();
}

function scoringEngine(options: Omit<EngineOptions, 'detectors'>): ScoringEngine {
  const engine = createEngine({ detectors, ...options });
  return {
    observe: (event, sides) => void engine.process(event, sides),
    save: () => encodeState(engine.save),
    restore: (state) => engine.restore(decodeState(state)),
  };
}
