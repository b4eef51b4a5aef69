import { join } from 'node:path';
import type { ServiceContext } from '#shared/context.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import { detectors } from './detectors/index.ts';
import { createEngine, type EngineOptions } from './engine/engine.ts';
import { openAtticFile } from './live/attic-file.ts';
import { followDecisions } from './live/follow-decisions.ts';
import { startScorerLoop } from './live/loop.ts';
import type { ScoringEngine } from './live/partition-scorer.ts';
import type { ScorerSettings } from './settings.ts';
import { decodeState, encodeState } from './state.ts';

/**
 * Starts to score the partitions that the group gives this process. The topics must exist.
 *
 * @param folder of this process: baselines that there is no room for wait in its sub-folder `attic`
 */
export async function startScorer(
  context: ServiceContext,
  settings: ScorerSettings,
  folder: string,
): Promise<Stop> {
  const lifecycle = new Lifecycle();
  const attic = openAtticFile(join(folder, 'attic'), settings.attic_bytes_max);
  lifecycle.defer(attic.close);
  const { decisions, stop } = await followDecisions(context, 'scorer');
  lifecycle.defer(stop);
  const heldBack = context.metrics.counter(
    'signals_held_back',
    'Signals that a planned change kept from being told',
  );
  const totals = totalsOf(context.metrics);
  const onHeldBack = () => heldBack.inc({ service: 'scorer', kind: 'planned_change' });
  lifecycle.defer(
    await startScorerLoop(context, {
      createEngine: (onSignal, partition) =>
        scoringEngine(
          {
            decisions,
            alertsPerDay: settings.alerts_per_day,
            agentsMax: settings.agents_max,
            attic: attic.of(partition),
            onSignal,
            onHeldBack,
          },
          totals,
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
  readonly returned: Total;
  readonly late: Total;
}

function totalsOf(metrics: ServiceContext['metrics']): Totals {
  return {
    forgotten: metrics.counter('baselines_forgotten', 'Agents and edges forgotten for want of room'),
    returned: metrics.counter(
      'baselines_returned',
      'Agents and edges that were forgotten, came back, and found their baseline',
    ),
    late: metrics.counter('late_events', 'Events too old for their window: scored, but not learned'),
  };
}

function scoringEngine(options: Omit<EngineOptions, 'detectors'>, totals: Totals): ScoringEngine {
  const engine = createEngine({ detectors, ...options });
  return {
    observe: (event, sides) => {
      const { forgotten, late, returned } = engine;
      engine.process(event, sides);
      if (engine.forgotten > forgotten)
        totals.forgotten.inc({ service: 'scorer', kind: 'baseline' }, engine.forgotten - forgotten);
      if (engine.returned > returned)
        totals.returned.inc({ service: 'scorer', kind: 'baseline' }, engine.returned - returned);
      if (engine.late > late) totals.late.inc({ service: 'scorer', kind: 'late' }, engine.late - late);
    },
    save: () => encodeState(engine.save),
    restore: (state) => engine.restore(decodeState(state)),
  };
}
