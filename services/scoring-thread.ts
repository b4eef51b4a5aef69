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

type Order = 'stop' | 'figures';
type Report =
  | { readonly kind: 'started' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'figures'; readonly figures: object };

const report = (message: Report) => parentPort?.postMessage(message);

/** Starts a scorer in a worker thread; resolves when it reads. The returned stop lets it store its state. */
export async function startScoringThread(context: ServiceContext, settings: Settings): Promise<Stop> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { [marker]: settings } });
  let isStopping = false;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const started = Promise.withResolvers<void>();
  const waiting: ((figures: object) => void)[] = [];
  worker.on('message', (message: Report) => {
    if (message.kind === 'started') started.resolve();
    else if (message.kind === 'figures') for (const resolve of waiting.splice(0)) resolve(message.figures);
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
  const figures = () =>
    new Promise<object>((resolve) => {
      waiting.push(resolve);
      worker.postMessage('figures' satisfies Order);
    });
  context.metrics.include(() => Promise.race([figures(), ended.then(() => [])]));
  return async () => {
    isStopping = true;
    worker.postMessage('stop' satisfies Order);
    await ended;
  };
}

async function runThread(settings: Settings): Promise<void> {
  const logger = createLogger(settings.log_level, 'scorer');
  const log = await openLog(settings.log, settings.data, systemClock, logger);
  const fail = (error: unknown) => {
    logger.fatal({ err: error }, 'scoring thread cannot go on');
    report({ kind: 'failed', reason: messageOf(error) });
  };
  const metrics = createMetrics();
  const stop = await startScorer(
    { log, clock: systemClock, logger, metrics, fail },
    settings.scorer,
    settings.data,
  );
  parentPort?.on('message', (order: Order) => {
    if (order === 'figures') metrics.figures().then((figures) => report({ kind: 'figures', figures }), fail);
    else
      stop()
        .catch(fail)
        .then(() => log.close())
        .catch(fail)
        .finally(() => parentPort?.close());
  });
  report({ kind: 'started' });
}

const given = (workerData as Record<string, Settings> | null)?.[marker];
if (!isMainThread && given !== undefined) await runThread(given);
