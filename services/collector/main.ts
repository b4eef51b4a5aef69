import { randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import type { Authenticate } from '#shared/auth/token.ts';
import type { ServiceContext } from '#shared/context.ts';
import { type HttpServer, isLoopback, parseListen } from '#shared/http.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import { createPartitioner } from '#shared/log/partitioner.ts';
import type { LogSettings } from '#shared/log/settings.ts';
import { createAdmission } from './admission.ts';
import { watchBacklog } from './backlog.ts';
import type { Ingest } from './delivery.ts';
import { createDigest } from './digest.ts';
import { createFold } from './fold.ts';
import { createIdentify } from './identify.ts';
import { createIngest } from './ingest.ts';
import { elasticRoutes } from './listeners/elastic-routes.ts';
import { startForeignTopics } from './listeners/foreign-topics.ts';
import { hecRoutes } from './listeners/hec-routes.ts';
import { registerBytes } from './listeners/http-body.ts';
import { type ListenerTls, startHttpListeners, startStreamListeners } from './listeners/listeners.ts';
import { nativeRoutes } from './listeners/native-routes.ts';
import { otlpRoutes } from './listeners/otlp-routes.ts';
import { createRefusals } from './refusals.ts';
import { compileMapping, createMapRecord } from './schemas/index.ts';
import type { collectorSettings } from './settings.ts';
import { createShippers } from './shippers.ts';
import { startSourceStatus } from './source-status.ts';
import { createReadWallTime } from './wall-time.ts';

// Calls whose second sighting is waited for; at half a kilobyte each, 50 MB.
const foldCallsMax = 100_000;

/** What the collector reads of the configuration. */
export interface CollectorConfig {
  /** Data folder. */
  readonly data: string;
  /** `host:port` of the HTTP listener. */
  readonly listen: string;
  /** Host names, beside the listener's own, under which clients may call. */
  readonly hosts: readonly string[];
  /** How to reach Kafka, also where foreign topics are read. */
  readonly log: LogSettings;
  readonly collector: Static<typeof collectorSettings>;
}

/** What the server's owner lends to the collector. */
export interface CollectorAccess {
  /** Knows the holders of tokens; nobody without. */
  readonly authenticate?: Authenticate;
  /** Certificate of the HTTP listeners with ports of their own; plain HTTP without. */
  readonly tls?: ListenerTls;
  /** Those may listen beyond loopback without TLS. */
  readonly mayListenInPlain?: boolean;
}

/**
 * Puts the collector's HTTP dialects on a server that somebody else started and will listen with, and starts the
 * listeners that have ports of their own. The topics must exist.
 *
 * @throws {AppError} CONFIG_INVALID a listener cannot start as configured
 */
export async function registerIngest(
  server: HttpServer,
  context: ServiceContext,
  config: CollectorConfig,
  access: CollectorAccess = {},
): Promise<Stop> {
  const lifecycle = new Lifecycle();
  const settings = config.collector;
  const unwatched = await startIngest(context, config, lifecycle);
  const sources = startSourceStatus({ ...context, collector: randomUUID() });
  lifecycle.defer(sources.stop);
  const ingest = sources.watch(unwatched);
  const report = sources.watchRefusals(createRefusals(context));
  const shippers = createShippers(settings.shippers);
  const authenticate = access.authenticate ?? (() => undefined);
  const isReady = () => context.log.ping();
  const identityAt = (listen: string) => ({
    needsCredential: settings.require_token || !isLoopback(parseListen(listen).host),
    authenticate,
    shippers,
  });
  const routesAt = (listen: string) => ({ ingest, report, identify: createIdentify(identityAt(listen)) });
  registerBytes(server, settings.body_bytes_max, (scope) => {
    const routes = routesAt(config.listen);
    nativeRoutes(scope, routes);
    otlpRoutes(scope, routes);
    hecRoutes(scope, { ...routes, isReady });
    elasticRoutes(scope, '/elastic', { ...routes, clock: context.clock, isStrict: settings.strict_bulk });
  });
  const parts = {
    context,
    settings,
    hosts: config.hosts,
    ingest,
    report,
    shippers,
    access,
    identityAt,
    routesAt,
  };
  try {
    await startHttpListeners(parts, lifecycle);
    await startStreamListeners(parts, lifecycle);
    await startForeignTopics(parts, config, lifecycle);
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
  return () => lifecycle.stop();
}

async function startIngest(
  context: ServiceContext,
  config: CollectorConfig,
  lifecycle: Lifecycle,
): Promise<Ingest> {
  const { log, clock, metrics } = context;
  const limits = config.collector;
  const declared = limits.mappings.map(compileMapping);
  const partitions = await log.offsets('events');
  const admission = createAdmission(
    { ratePerSecond: limits.rate_records_per_second, bytesMax: limits.in_flight_bytes_max },
    clock,
  );
  lifecycle.defer(
    watchBacklog({
      log,
      clock,
      topic: 'events',
      lagMax: limits.lag_records_max,
      onChange: admission.setBacklog,
      onError: context.fail,
    }),
  );
  return createIngest({
    log,
    clock,
    metrics,
    admission,
    partitionOf: createPartitioner(partitions.length),
    randomUuid: randomUUID,
    mapRecord: createMapRecord(declared),
    readWallTime: createReadWallTime(limits.syslog_zone),
    hasOwnSchemas: declared.length > 0,
    fold: createFold({ windowMs: limits.fold_seconds * 1000, callsMax: foldCallsMax }),
    digest: createDigest(limits.hash_key, config.data),
    hashResources: limits.hash_resources,
    unpackedBytesMax: limits.unpacked_bytes_max,
    batchRecordsMax: limits.batch_records_max,
    clockAheadMsMax: limits.clock_ahead_seconds_max * 1000,
  });
}
