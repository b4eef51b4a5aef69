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
  const forgotten = context.metrics.counter(
    'baselines_forgotten',
    'Agents and edges forgotten for want of room',
  );
  const late = context.metrics.counter(
    'late_events',
    'Events too old for their window: scored, but not learned',
  );
  const onHeldBack = () => heldBack.inc({ service: 'scorer', kind: 'planned_change' });
  lifecycle.defer(
    await startScorerLoop(context, {
      createEngine: (onSignal) =>
        scoringEngine(
          {
            decisions,
            alertsPerDay: settings.alerts_per_day,
            agentsMax: settings.agents_max,
            onSignal,
            onHeldBack,
          },
          { forgotten, late },
        ),
      snapshotEveryMs: settings.snapshot_every_ms,
    }),
  );
  return () => lifecycle.stop();
}

type Total = ReturnType<ServiceContext['metrics']['counter']>;

/** What the engine counts, as metrics. */
interface Totals {
  readonly forgotten: Total;
  readonly late: Total;
}

function scoringEngine(options: Omit<EngineOptions, 'detectors'>, totals: Totals): ScoringEngine {
  const engine = createEngine({ detectors, ...options });
  return {
    observe: (event, sides) => {
      const { forgotten, late } = engine;
      engine.process(event, sides);
      if (engine.forgotten > forgotten)
        totals.forgotten.inc({ service: 'scorer', kind: 'baseline' }, engine.forgotten - forgotten);
      if (engine.late > late) totals.late.inc({ service: 'scorer', kind: 'late' }, engine.late - late);
    },
    save: () => encodeState(engine.save),
    restore: (state) => engine.restore(decodeState(state)),
  };
}
