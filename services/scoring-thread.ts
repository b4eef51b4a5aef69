import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { systemClock } from '#shared/clock.ts';
import type { ServiceContext } from '#shared/context.ts';
import { messageOf } from '#shared/errors.ts';
import type { Stop } from '#shared/lifecycle.ts';
import { openLog } from '#shared/log/open.ts';
import { createLogger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import { startScorer } from './scorer/main.ts';
import type { Settings } from './settings.ts';

// The scorer in a thread of its own, so that scoring and taking logs in each have a core. This file is both ends: the
// function that starts the thread, and what runs in it.

// Tells our thread from others that import this file.
const marker = 'amissScoringThread';

/** Starts a scorer in a worker thread; resolves when it reads. The returned stop lets it store its state. */
export async function startScoringThread(context: ServiceContext, settings: Settings): Promise<Stop> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { [marker]: settings } });
  let isStopping = false;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const started = Promise.withResolvers<void>();
  worker.on('message', (message: { readonly kind: 'started' | 'failed'; readonly reason: string }) => {
    if (message.kind === 'started') started.resolve();
    else context.fail(new Error(`the scoring thread cannot go on: ${message.reason}`));
  });
  worker.on('error', (error) => {
    started.reject(error);
    context.fail(error);
  });
  ended.then(() => {
    started.reject(new Error('the scoring thread ended before it had started'));
    if (!isStopping) context.fail(new Error('the scoring thread ended'));
  }, context.fail);
  await started.promise;
  return async () => {
    isStopping = true;
    worker.postMessage('stop');
    await ended;
  };
}

async function runThread(settings: Settings): Promise<void> {
  const logger = createLogger(settings.log_level, 'scorer');
  const log = await openLog(settings.log, settings.data, systemClock, logger);
  const fail = (error: unknown) => {
    logger.fatal({ err: error }, 'scoring thread cannot go on');
    parentPort?.postMessage({ kind: 'failed', reason: messageOf(error) });
  };
  const stop = await startScorer(
    { log, clock: systemClock, logger, metrics: createMetrics(), fail },
    settings.scorer,
  );
  parentPort?.once('message', () => {
    stop()
      .catch(fail)
      .then(() => log.close())
      .catch(fail);
  });
  parentPort?.postMessage({ kind: 'started', reason: '' });
}

const given = (workerData as Record<string, Settings> | null)?.[marker];
if (!isMainThread && given !== undefined) await runThread(given);
