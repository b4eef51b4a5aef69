import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Static } from 'typebox';
import type { ServiceContext } from '#shared/context.ts';
import { AppError, messageOf } from '#shared/errors.ts';
import { createHttpServer, isLoopback, listen, parseListen } from '#shared/http.ts';
import type { Lifecycle } from '#shared/lifecycle.ts';
import type { Ingest } from '../delivery.ts';
import { createCallIdentify, createSocketIdentify, type IdentifyOptions } from '../identify.ts';
import type { ReportRefusal } from '../refusals.ts';
import type { collectorSettings } from '../settings.ts';
import type { Shippers } from '../shippers.ts';
import { elasticRoutes } from './elastic-routes.ts';
import { acceptForward } from './forward-listener.ts';
import { hecRoutes } from './hec-routes.ts';
import { type BytesScope, registerBytes } from './http-body.ts';
import type { RouteContext } from './http-routes.ts';
import { listenForOtlpGrpc } from './otlp-grpc.ts';
import { otlpRoutes } from './otlp-routes.ts';
import { listenForStreams } from './stream-listener.ts';
import { acceptSyslog } from './syslog-listener.ts';

/** PEM texts. */
export interface ListenerTls {
  readonly cert: string;
  readonly key: string;
  /** Who signs client certificates; with it a client must show one. */
  readonly ca?: string;
}

/** What the listeners with ports of their own are made of. */
export interface ListenerParts {
  readonly context: ServiceContext;
  readonly settings: Static<typeof collectorSettings>;
  readonly hosts: readonly string[];
  readonly ingest: Ingest;
  readonly report: ReportRefusal;
  readonly shippers: Shippers;
  readonly access: { readonly tls?: ListenerTls; readonly mayListenInPlain?: boolean };
  readonly identityAt: (listen: string) => IdentifyOptions;
  readonly routesAt: (listen: string) => RouteContext;
}

/** Starts the dialects that speak HTTP on their own ports: the same routes, where their clients look for them. */
export async function startHttpListeners(parts: ListenerParts, lifecycle: Lifecycle): Promise<void> {
  const { settings } = parts;
  const isReady = () => parts.context.log.ping();
  const dialects: readonly [listen: string, routes: (scope: BytesScope, context: RouteContext) => void][] = [
    [settings.otlp_http_listen, otlpRoutes],
    [settings.hec_listen, (scope, context) => hecRoutes(scope, { ...context, isReady })],
    [
      settings.elastic_listen,
      (scope, context) =>
        elasticRoutes(scope, '', { ...context, clock: parts.context.clock, isStrict: settings.strict_bulk }),
    ],
  ];
  for (const [address, routes] of dialects) {
    if (address !== '') await startHttp(address, routes, parts, lifecycle);
  }
}

async function startHttp(
  address: string,
  routes: (scope: BytesScope, context: RouteContext) => void,
  { context, settings, hosts, access, identityAt, routesAt }: ListenerParts,
  lifecycle: Lifecycle,
): Promise<void> {
  const { authenticate } = identityAt(address);
  const server = createHttpServer({
    ...access,
    logger: context.logger,
    metrics: context.metrics,
    listen: address,
    hosts,
    bodyBytesMax: settings.body_bytes_max,
    isReady: () => context.log.ping(),
    authenticate,
  });
  registerBytes(server, settings.body_bytes_max, (scope) => routes(scope, routesAt(address)));
  lifecycle.defer(() => server.close());
  const bound = await listen(server, address);
  context.logger.info({ address: bound }, 'listener takes records');
}

/** Starts what speaks no HTTP/1: gRPC, syslog and Fluent forward. */
export async function startStreamListeners(parts: ListenerParts, lifecycle: Lifecycle): Promise<void> {
  const { context, settings, ingest, report, shippers, identityAt } = parts;
  const tls = readTls(settings);
  const stopping = new AbortController();
  const { clock, logger } = context;
  const common = { ingest, clock, randomUuid: randomUUID, signal: stopping.signal };
  if (settings.otlp_grpc_listen !== '') {
    const address = settings.otlp_grpc_listen;
    refusePlain('otlp_grpc_listen', address, tls, parts);
    const identify = createCallIdentify(identityAt(address));
    const messageBytesMax = settings.unpacked_bytes_max;
    const grpc = await listenForOtlpGrpc({
      ...common,
      ...tls,
      listen: address,
      identify,
      report,
      messageBytesMax,
    });
    logger.info({ listener: 'otlp-grpc', port: grpc.port }, 'listener takes records');
    lifecycle.defer(grpc.stop);
  }
  const identifyAt = (address: string) => createSocketIdentify(identityAt(address), report);
  const syslogAt = (address: string) => acceptSyslog({ ...common, identify: identifyAt(address) });
  const forwardAt = (address: string) =>
    acceptForward({
      ...common,
      identify: identifyAt(address),
      shippers,
      report,
      messageBytesMax: settings.unpacked_bytes_max,
    });
  if (settings.syslog_tls_listen !== '' && tls.tls === undefined) {
    throw new AppError('CONFIG_INVALID', 'collector.syslog_tls_listen needs tls_cert_file and tls_key_file');
  }
  const streams = [
    ['syslog', settings.syslog_listen, {}, syslogAt],
    ['syslog-tls', settings.syslog_tls_listen, tls, syslogAt],
    ['forward', settings.forward_listen, {}, forwardAt],
  ] as const;
  for (const [name, address, withTls, acceptAt] of streams) {
    if (address === '') continue;
    const listener = await listenForStreams({
      name,
      listen: address,
      ...withTls,
      logger,
      accept: acceptAt(address),
    });
    lifecycle.defer(listener.stop);
  }
  lifecycle.defer(async () => stopping.abort()); // first of all: what waits for room ends
}

function refusePlain(
  key: string,
  address: string,
  tls: { readonly tls?: ListenerTls },
  { access }: ListenerParts,
): void {
  const isSafe = tls.tls !== undefined || isLoopback(parseListen(address).host);
  if (isSafe || access.mayListenInPlain === true) return;
  throw new AppError(
    'CONFIG_INVALID',
    `collector.${key}: ${address} is reachable from other machines and would take tokens in plain; set collector.tls_cert_file and tls_key_file`,
  );
}

function readTls(settings: Static<typeof collectorSettings>): { readonly tls?: ListenerTls } {
  const { tls_cert_file, tls_key_file, tls_ca_file } = settings;
  if (tls_cert_file === '' || tls_key_file === '') return {};
  try {
    const cert = readFileSync(tls_cert_file, 'utf8');
    const key = readFileSync(tls_key_file, 'utf8');
    return tls_ca_file === ''
      ? { tls: { cert, key } }
      : { tls: { cert, key, ca: readFileSync(tls_ca_file, 'utf8') } };
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `collector.tls_*_file: ${messageOf(error)}`, { cause: error });
  }
}
