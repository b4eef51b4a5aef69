import { mkdirSync } from 'node:fs';
import type { Clock } from '#shared/clock.ts';
import type { ServiceContext } from '#shared/context.ts';
import { createHttpServer, type HttpServer, listen } from '#shared/http.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import { openLog } from '#shared/log/open.ts';
import type { Logger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import { openStore } from '#shared/store/open.ts';
import type { Store } from '#shared/store/store.ts';
import { registerIngest } from './collector/main.ts';
import { startNotifier } from './notifier/main.ts';
import { startRecorder } from './recorder/main.ts';
import type { Settings } from './settings.ts';

/** The services, in the order in which they start: who reads is there before who writes. */
export const serviceNames = ['notifier', 'recorder', 'collector'] as const;
export type ServiceName = (typeof serviceNames)[number];

export interface SystemOptions {
  readonly names: readonly ServiceName[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told once when a part cannot go on; the caller stops the system and ends the process. */
  readonly fail: (error: unknown) => void;
}

export interface System {
  /** Base address of the HTTP server: `http://127.0.0.1:8470`. */
  readonly address: string;
  /** Drains and ends everything, last started first. */
  readonly stop: Stop;
}

interface Parts {
  readonly context: ServiceContext;
  readonly settings: Settings;
  readonly server: HttpServer;
  readonly store: () => Promise<Store>;
}

const starters: Record<ServiceName, (parts: Parts) => Promise<Stop>> = {
  notifier: ({ context, settings }) => startNotifier(context, settings.notifier),
  recorder: async ({ context, settings, store }) => startRecorder(context, settings.recorder, await store()),
  collector: ({ context, settings, server }) => registerIngest(server, context, settings),
};

/**
 * Starts one service, several or all in this process: one log, one store and one HTTP server for whatever runs here.
 *
 * @throws {AppError} whatever keeps a part from starting; what had started is stopped again
 */
export async function startSystem(settings: Settings, options: SystemOptions): Promise<System> {
  const lifecycle = new Lifecycle();
  try {
    const address = await startParts(settings, options, lifecycle);
    return { address, stop: () => lifecycle.stop() };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function startParts(settings: Settings, options: SystemOptions, lifecycle: Lifecycle): Promise<string> {
  const { clock, logger, fail } = options;
  mkdirSync(settings.data, { recursive: true, mode: 0o700 });
  const log = await openLog(settings.log, settings.data, clock, logger);
  lifecycle.defer(() => log.close());
  let opened: Promise<Store> | undefined;
  const store = () => {
    opened ??= openStore(settings.store, settings.data, clock, logger).then((ready) => {
      lifecycle.defer(() => ready.close());
      return ready;
    });
    return opened;
  };
  const metrics = createMetrics();
  const context: ServiceContext = { log, clock, logger, metrics, fail };
  const server = createHttpServer({
    logger,
    metrics,
    listen: settings.listen,
    hosts: settings.hosts,
    bodyBytesMax: settings.collector.body_bytes_max,
    isReady: () => log.ping(),
  });
  for (const name of serviceNames.filter((candidate) => options.names.includes(candidate))) {
    lifecycle.defer(await starters[name]({ context, settings, server, store }));
  }
  lifecycle.defer(() => server.close());
  return listen(server, settings.listen);
}
