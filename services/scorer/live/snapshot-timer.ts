import type { ServiceContext } from '#shared/context.ts';
import type { Stop } from '#shared/lifecycle.ts';
import { healsWithTime } from '#shared/log/patient-append.ts';

// A snapshot that takes long is taken seldom: at most a twentieth of the time goes into them.
const snapshotShareMax = 1 / 20;

/**
 * Saves again and again until stopped. While the log is away the next save makes it good; a save that fails otherwise
 * is a part that cannot go on: the process ends.
 */
export function startSnapshots(context: ServiceContext, everyMs: number, save: () => Promise<void>): Stop {
  const { clock } = context;
  const stopping = new AbortController();
  const run = async () => {
    let pauseMs = everyMs;
    for (;;) {
      await clock.sleep(pauseMs, stopping.signal);
      const startedAt = clock.now();
      await save().catch((error: unknown) => {
        if (!healsWithTime(error)) throw error;
        context.metrics.failures.inc({ service: 'scorer', code: 'LOG_UNAVAILABLE' });
      });
      pauseMs = Math.max(everyMs, (clock.now() - startedAt) / snapshotShareMax);
    }
  };
  const running = run().catch((error: unknown) => {
    if (!stopping.signal.aborted) context.fail(error);
  });
  return async () => {
    stopping.abort(new Error('stopped'));
    await running;
  };
}
