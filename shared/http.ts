import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import { type Authenticate, requireRole } from './auth/token.ts';
import { AppError, type ErrorCode, messageOf } from './errors.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

export type { FastifyReply, FastifyRequest } from 'fastify';

export interface HttpOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** `host:port` of the listener; only on loopback may calls come without a token. */
  readonly listen: string;
  /** Host names, beside loopback's and the listener's own, under which clients may call. */
  readonly hosts: readonly string[];
  /** Bytes of a request's body as it arrives, at the most; 413 beyond it. */
  readonly bodyBytesMax: number;
  /** PEM texts; plain HTTP without. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** Is the service ready to work? Rejects with the reason when not. */
  readonly isReady: () => Promise<void>;
  /** Who may see metrics, and health from afar, where the listener is not on loopback; nobody without. */
  readonly authenticate?: Authenticate;
  /** Listen beyond loopback without TLS: an operator's own decision, with a proxy in front. */
  readonly mayListenInPlain?: boolean;
}

export type HttpServer = ReturnType<typeof createHttpServer>;

/**
 * The one HTTP server that every service starts from: request ids, RFC 9457 problems, health and metrics, limits,
 * and the refusal of a foreign `Host` or `Origin` (DNS rebinding).
 *
 * @throws {AppError} CONFIG_INVALID: it would listen beyond loopback without TLS, and nobody asked for that
 */
export function createHttpServer(options: HttpOptions) {
  refusePlain(options);
  const server = fastify({
    loggerInstance: options.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }), // metrics count them
    bodyLimit: options.bodyBytesMax,
    genReqId: () => randomUUID(),
    requestTimeout: 60_000, // a shipper's batch of some megabytes over a slow line
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2048 }, // an agent id of 512 characters, escaped
    ajv: { customOptions: { removeAdditional: false } }, // a misspelt parameter is an error, not silence
    ...(options.tls === undefined
      ? {}
      : { https: { ...options.tls, requestCert: options.tls.ca !== undefined } }),
  } as object).withTypeProvider<TypeBoxTypeProvider>();
  const allowedHosts = hostNames(options);
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    refuseForeign(request, allowedHosts);
  });
  server.setErrorHandler((error: FastifyError | AppError, request, reply) =>
    sendProblem(error, request, reply),
  );
  server.setNotFoundHandler((request, reply) =>
    sendProblem(
      new AppError('NOT_FOUND', `there is no ${request.method} ${pathOf(request)}`),
      request,
      reply,
    ),
  );
  registerHealth(server, options);
  return server;
}

function registerHealth(server: FastifyInstance, options: HttpOptions): void {
  const isLocal = isLoopback(parseListen(options.listen).host);
  const admit = (request: FastifyRequest) => {
    requireRole(options.authenticate?.(request.headers.authorization), 'read');
  };
  // An orchestrator's probe runs beside the service; from elsewhere even health takes a token.
  const admitProbe = async (request: FastifyRequest) => {
    if (!isLocal && !isLoopback(request.socket.remoteAddress ?? '')) admit(request);
  };
  const admitScrape = async (request: FastifyRequest) => {
    if (!isLocal) admit(request);
  };
  server.get('/livez', { onRequest: admitProbe }, async () => ({ status: 'ok' }));
  server.get('/readyz', { onRequest: admitProbe }, async (_request: FastifyRequest, reply: FastifyReply) => {
    try {
      await options.isReady();
      return { status: 'ok' };
    } catch (error) {
      return reply.code(503).send({ status: 'not ready', reason: messageOf(error) });
    }
  });
  server.get('/metrics', { onRequest: admitScrape }, async (_request: FastifyRequest, reply: FastifyReply) =>
    reply.type(options.metrics.contentType).send(await options.metrics.text()),
  );
}

function refusePlain({ listen: address, tls, mayListenInPlain }: HttpOptions): void {
  if (tls !== undefined || mayListenInPlain === true || isLoopback(parseListen(address).host)) return;
  throw new AppError(
    'CONFIG_INVALID',
    `listen: ${address} is reachable from other machines, and there is no TLS; set http.tls_cert_file and ` +
      'http.tls_key_file, or http.allow_plain behind a proxy that terminates TLS',
  );
}

/** Starts to listen; resolves with the address in use (`http://127.0.0.1:8470`). */
export async function listen(server: HttpServer, address: string): Promise<string> {
  const { host, port } = parseListen(address);
  await server.listen({ host, port });
  const bound = server.server.address() as AddressInfo;
  const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return `${'getTicketKeys' in server.server ? 'https' : 'http'}://${name}:${bound.port}`;
}

/**
 * Splits `host:port`; port 0 takes a free one.
 *
 * @throws {AppError} CONFIG_INVALID
 * @example parseListen('127.0.0.1:8470'); // => { host: '127.0.0.1', port: 8470 }
 */
export function parseListen(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new AppError('CONFIG_INVALID', `listen: "${address}" is not host:port, such as 127.0.0.1:8470`);
  }
  return { host: match[1] ?? match[2] ?? '', port };
}

/** Is the address of a listener or peer one of this machine only? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

function hostNames(options: HttpOptions): ReadonlySet<string> {
  const { host } = parseListen(options.listen);
  return new Set(
    ['localhost', '127.0.0.1', '[::1]', host, ...options.hosts].map((name) => name.toLowerCase()),
  );
}

/** A page in a browser can reach loopback under a name of its owner's choice; its Host and Origin tell it apart. */
function refuseForeign(request: FastifyRequest, allowed: ReadonlySet<string>): void {
  const host = (request.headers.host ?? '').toLowerCase();
  if (host !== '' && !allowed.has(withoutPort(host))) {
    throw new AppError(
      'FORBIDDEN',
      `host "${host}" is not served here; add it to "hosts" in the configuration`,
    );
  }
  const origin = request.headers.origin;
  if (origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host.toLowerCase() !== host) {
    throw new AppError('FORBIDDEN', `origin "${origin}" may not call this server`);
  }
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}

const statusOf: Partial<Record<ErrorCode, number>> = {
  INPUT_INVALID: 400,
  USAGE: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  INPUT_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  LOG_FULL: 429,
  LOG_UNAVAILABLE: 503,
  LOG_CLOSED: 503,
  STORE_UNAVAILABLE: 503,
};

/** RFC 9457. The `type` is permanent; a fault of ours says no more than its code. */
function sendProblem(
  error: FastifyError | AppError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = problemOf(error);
  if (problem.status >= 500) request.log.error({ err: error, path: pathOf(request) }, 'request failed');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="amiss"');
  if (problem.status === 429 || problem.status === 503) reply.header('retry-after', '1');
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send({ ...problem, instance: request.id });
}

function problemOf(error: FastifyError | AppError) {
  if (error instanceof AppError) {
    const status = statusOf[error.code] ?? 500;
    return problem(status, error.code, status === 500 ? 'something failed here; see the log' : error.message);
  }
  if (error.validation !== undefined) {
    const errors = error.validation.map((fault) => ({
      pointer: fault.instancePath,
      detail: detailOf(fault),
    }));
    const where = error.validationContext ?? 'request';
    const detail = errors.map((fault) => `${where}${fault.pointer} ${fault.detail}`).join('; ');
    return { ...problem(400, 'INPUT_INVALID', detail), errors };
  }
  const status = error.statusCode ?? 500;
  if (status === 413) return problem(413, 'INPUT_TOO_LARGE', error.message);
  if (status < 500) return problem(status, 'INPUT_INVALID', error.message);
  return problem(status, 'INTERNAL', 'something failed here; see the log');
}

/** What is wrong, with the culprit's name or what would be allowed, which the message alone leaves out. */
function detailOf({
  message,
  params,
}: {
  message?: string | undefined;
  params: Record<string, unknown>;
}): string {
  const { additionalProperty, allowedValues } = params;
  if (typeof additionalProperty === 'string') return `has no "${additionalProperty}"`;
  const allowed = Array.isArray(allowedValues) ? `: ${allowedValues.join(', ')}` : '';
  return `${message ?? 'is not valid'}${allowed}`;
}

function problem(status: number, code: string, detail: string) {
  const title = code.toLowerCase().replaceAll('_', ' ');
  return { type: `urn:amiss:problem:${code.toLowerCase()}`, title, status, detail };
}
