import type { ServiceContext } from '#shared/context.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import type { Signal } from '#shared/signal.ts';
import type { Decisions } from './decisions.ts';
import { detectors } from './detectors/index.ts';
import { createEngine } from './engine.ts';
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
  lifecycle.defer(
    await startScorerLoop(context, {
      createEngine: (onSignal) => scoringEngine(decisions, settings.alerts_per_day, onSignal),
      snapshotEveryMs: settings.snapshot_every_ms,
    }),
  );
  return () => lifecycle.stop();
}

function scoringEngine(
  decisions: Decisions,
  alertsPerDay: number,
  onSignal: (signal: Signal) => void,
): ScoringEngine {
  const engine = createEngine({ detectors, decisions, alertsPerDay, onSignal });
  return {
    observe: (event, sides) => void engine.process(event, sides),
    save: () => encodeState(engine.save),
    restore: (state) => engine.restore(decodeState(state)),
  };
}
