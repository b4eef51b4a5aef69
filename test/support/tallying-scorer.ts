import { systemClock } from '#shared/clock.ts';
import { loadConfig } from '#shared/config.ts';
import type { AmissEvent } from '#shared/event.ts';
import { openLog } from '#shared/log/open.ts';
import { silentLogger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import type { Signal } from '#shared/signal.ts';
import { startScorerLoop } from '../../services/scorer/live/loop.ts';
import type { ScoringEngine, Sides } from '../../services/scorer/live/partition-scorer.ts';
import { settingsSchema } from '../../services/settings.ts';

// The scorer's loop with an engine whose baseline is a list of what it was shown: a hand-over that loses or repeats
// anything shows in it. Run as a program it is a process to be killed.

/** Every so many events shown as a caller's give a signal. */
export const signalEvery = 25;

/** How often a partition was shown each end of each event: `id/source` or `id/destination` → times. */
export type Tally = Map<string, number>;

/** The tally of a snapshot. */
export function tallyOf(state: Buffer): Tally {
  return new Map(JSON.parse(state.toString('utf8')) as [string, number][]);
}

function tallyingEngine(onSignal: (signal: Signal) => void): ScoringEngine {
  let tally: Tally = new Map();
  const count = (key: string) => tally.set(key, (tally.get(key) ?? 0) + 1);
  let calls = 0;
  return {
    observe: (event: AmissEvent, sides: Sides) => {
      if (sides !== 'destination') count(`${event.id}/source`);
      if (sides !== 'source') count(`${event.id}/destination`);
      if (sides !== 'destination' && ++calls % signalEvery === 0) onSignal(signalOf(event));
    },
    save: () => Buffer.from(JSON.stringify([...tally])),
    restore: (state) => {
      tally = tallyOf(state);
      calls = [...tally.keys()].filter((key) => key.endsWith('/source')).length;
    },
  };
}

function signalOf({ id, time, space, source, destination }: AmissEvent): Signal {
  return {
    id: `signal of ${id}`,
    time,
    space,
    agent: source,
    peer: destination,
    cause: 'tally',
    p: 1,
    score: 0,
    evidence: [],
    first_seen: null,
    events: [id],
    trace_id: null,
  };
}

if (import.meta.main) {
  const settings = loadConfig(settingsSchema, { file: undefined, environment: process.env });
  const log = await openLog(settings.log, '', systemClock, silentLogger);
  const fail = (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  };
  const context = { log, clock: systemClock, logger: silentLogger, metrics: createMetrics(), fail };
  const snapshotEveryMs = settings.scorer.snapshot_every_ms;
  const stop = await startScorerLoop(context, { createEngine: tallyingEngine, snapshotEveryMs });
  process.once('SIGTERM', async () => {
    await stop();
    await log.close();
    process.exit(0);
  });
  process.stdout.write('ready\n');
}
