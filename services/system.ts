import { join } from 'node:path';
import { createAuthenticate, ensureAdminToken, tokenDigest } from '#shared/auth/token.ts';
import type { Clock } from '#shared/clock.ts';
import type { ServiceContext } from '#shared/context.ts';
import { createHttpServer, type HttpServer, listen } from '#shared/http.ts';
import { listenerOptions } from '#shared/http-settings.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import { openLog } from '#shared/log/open.ts';
import type { Logger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import { openStore } from '#shared/store/open.ts';
import type { Store } from '#shared/store/store.ts';
import { type LogReader, registerApi } from './api/main.ts';
import { registerIngest } from './collector/main.ts';
import { startContainment } from './containment/main.ts';
import { startNotifier } from './notifier/main.ts';
import { startPosture } from './posture/main.ts';
import { startRecorder } from './recorder/main.ts';
import { startCorrelator } from './scorer/correlation/correlator-loop.ts';
import { startScorer } from './scorer/main.ts';
import { startScoringThread } from './scoring-thread.ts';
import type { Settings } from './settings.ts';

/** The services, in the order in which they start: who reads is there before who writes. */
export const serviceNames = ['notifier', 'recorder', 'scorer', 'api', 'collector'] as const;
export type ServiceName = (typeof serviceNames)[number];

export interface SystemOptions {
  readonly names: readonly ServiceName[];
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told when a part cannot go on; the caller stops the system and ends the process. */
  readonly fail: (error: unknown) => void;
}

export interface System {
  /** Base address of the HTTP server: `http://127.0.0.1:8470`. */
  readonly address: string;
  /** The token that may do everything, and the file that holds it; `undefined` where none was made. */
  readonly adminToken: AdminToken | undefined;
  /** Drains and ends everything, last started first. */
  readonly stop: Stop;
}

interface AdminToken {
  readonly value: string;
  readonly path: string;
}

interface Parts {
  readonly context: ServiceContext;
  readonly settings: Settings;
  readonly server: HttpServer;
  readonly access: Access;
  readonly store: () => Promise<Store>;
  readonly isAlone: boolean;
  readonly version: string;
}

type Access = Pick<Parameters<typeof createHttpServer>[0], 'authenticate' | 'tls' | 'mayListenInPlain'>;

const readers: readonly LogReader[] = [
  { service: 'scorer', group: 'scorer', topics: ['events', 'arrivals'] },
  { service: 'correlator', group: 'correlator', topics: ['signals'] },
  { service: 'recorder', group: 'recorder', topics: ['events', 'signals', 'alerts', 'rejects'] },
];

const starters: Record<ServiceName, (parts: Parts) => Promise<Stop>> = {
  notifier: startTelling,
  recorder: async ({ context, settings, store }) => startRecorder(context, settings.recorder, await store()),
  scorer: startScoring,
  api: async ({ context, settings, server, access, store, version }) => {
    const authenticate = access.authenticate ?? (() => undefined);
    const opened = await store();
    const lifecycle = new Lifecycle();
    lifecycle.defer(await startPosture(context, settings.posture, opened));
    lifecycle.defer(
      await registerApi(server, {
        context,
        settings: settings.api,
        store: opened,
        authenticate,
        readers,
        version,
      }),
    );
    return () => lifecycle.stop();
  },
  collector: ({ context, settings, server, access }) => registerIngest(server, context, settings, access),
};

/**
 * Starts one service, several or all in this process: one log, one store and one HTTP server for whatever runs here.
 *
 * @throws {AppError} whatever keeps a part from starting; what had started is stopped again
 */
export async function startSystem(settings: Settings, options: SystemOptions): Promise<System> {
  const lifecycle = new Lifecycle();
  try {
    const adminToken = makeAdminToken(settings, options.names);
    const address = await startParts(settings, options, { lifecycle, adminToken });
    return { address, adminToken, stop: () => lifecycle.stop() };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

interface Made {
  readonly lifecycle: Lifecycle;
  readonly adminToken: AdminToken | undefined;
}

async function startParts(settings: Settings, options: SystemOptions, made: Made): Promise<string> {
  const { clock, logger, fail, names, version } = options;
  const { lifecycle, adminToken } = made;
  const log = await openLog(settings.log, settings.data, clock, logger);
  lifecycle.defer(() => log.close());
  const metrics = createMetrics();
  const context: ServiceContext = { log, clock, logger, metrics, fail };
  const access = accessOf(settings, adminToken);
  const server = createHttpServer({
    logger,
    metrics,
    listen: settings.listen,
    hosts: settings.hosts,
    bodyBytesMax: settings.collector.body_bytes_max,
    isReady: () => log.ping(),
    ...access,
  });
  const store = openOnce(settings, options, lifecycle);
  const isAlone = names.length === 1;
  for (const name of serviceNames.filter((candidate) => names.includes(candidate))) {
    lifecycle.defer(await starters[name]({ context, settings, server, access, store, isAlone, version }));
  }
  lifecycle.defer(() => server.close());
  return listen(server, settings.listen);
}

/** Whoever acts on alerts: webhooks, and the hook that isolates agents. */
async function startTelling({ context, settings }: Parts): Promise<Stop> {
  const lifecycle = new Lifecycle();
  lifecycle.defer(await startNotifier(context, settings.notifier));
  lifecycle.defer(await startContainment(context, settings.containment));
  return () => lifecycle.stop();
}

/** The correlator, and before it the scorer: in this thread when it is alone here, else in one of its own. */
async function startScoring({ context, settings, isAlone }: Parts): Promise<Stop> {
  const lifecycle = new Lifecycle();
  lifecycle.defer(await startCorrelator(context, settings.scorer));
  lifecycle.defer(
    isAlone
      ? await startScorer(context, settings.scorer, settings.data)
      : await startScoringThread(context, settings),
  );
  return () => lifecycle.stop();
}

/** The one store of this process, opened when the first service asks for it. */
function openOnce(settings: Settings, options: SystemOptions, lifecycle: Lifecycle): () => Promise<Store> {
  let opened: Promise<Store> | undefined;
  return () => {
    opened ??= openStore(settings.store, settings.data, options.clock, options.logger).then((store) => {
      lifecycle.defer(() => store.close());
      return store;
    });
    return opened;
  };
}

/** Where an API runs and nobody has been given a token, or everything runs here, there is a token to begin with. */
function makeAdminToken(settings: Settings, names: readonly ServiceName[]): AdminToken | undefined {
  if (!names.includes('api') || (names.length === 1 && settings.auth.tokens.length > 0)) return undefined;
  const path = join(settings.data, 'admin-token');
  return { value: ensureAdminToken(path), path };
}

function accessOf(settings: Settings, adminToken: AdminToken | undefined): Access {
  const admin = adminToken && {
    name: 'admin',
    roles: ['admin'] as const,
    sha256: tokenDigest(adminToken.value),
  };
  const tokens = admin === undefined ? settings.auth.tokens : [admin, ...settings.auth.tokens];
  return { authenticate: createAuthenticate(tokens), ...listenerOptions(settings.http) };
}
