import { createHash } from 'node:crypto';
import { type Authenticate, type Caller, requireRole } from '#shared/auth/token.ts';
import type { Clock } from '#shared/clock.ts';
import { AppError } from '#shared/errors.ts';
import type { FastifyReply, FastifyRequest } from '#shared/http.ts';
import type { ApiScope } from './dependencies.ts';
import { createRateLimit } from './rate-limit.ts';

export interface GuardOptions {
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  /** Requests of one caller a second; as many failed attempts of one address. */
  readonly ratePerSecond: number;
  /** Requests at work at once. */
  readonly requestsMax: number;
}

/** The caller of a request that has passed the guard. */
export type CallerOf = (request: FastifyRequest) => Caller;

/** Lets nobody into a scope without a token of a reader, nor too often, nor too many at once. */
export function guardScope(scope: ApiScope, options: GuardOptions): CallerOf {
  const callers = new WeakMap<FastifyRequest, Caller>();
  const working = new WeakSet<FastifyRequest>();
  const requests = createRateLimit(options.ratePerSecond, options.clock);
  const failures = createRateLimit(options.ratePerSecond, options.clock);
  let atWork = 0;
  scope.addHook('onRequest', async (request: FastifyRequest) => {
    const caller = options.authenticate(request.headers.authorization);
    if (caller === undefined) failures.take(request.ip);
    callers.set(request, requireRole(caller, 'read'));
    requests.take(caller?.name ?? '');
    if (atWork >= options.requestsMax) {
      throw new AppError(
        'RATE_LIMITED',
        `${options.requestsMax} requests are at work (api.queries_max); ask again`,
      );
    }
    atWork += 1;
    working.add(request);
  });
  const leave = async (request: FastifyRequest) => {
    if (working.delete(request)) atWork -= 1;
  };
  scope.addHook('onResponse', leave);
  scope.addHook('onRequestAbort', leave);
  scope.addHook('onSend', async (request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
    reply.header('cache-control', 'private, no-cache');
    reply.header('x-content-type-options', 'nosniff');
    return withEntityTag(request, reply, payload);
  });
  return (request) => {
    const caller = callers.get(request);
    if (caller === undefined) throw new Error('a route was reached past its guard');
    return caller;
  };
}

function withEntityTag(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  if (request.method !== 'GET' || reply.statusCode !== 200 || typeof payload !== 'string') return payload;
  const tag = `"${createHash('sha256').update(payload).digest('base64url').slice(0, 27)}"`;
  reply.header('etag', tag);
  if (request.headers['if-none-match'] !== tag) return payload;
  reply.code(304).removeHeader('content-length');
  return null;
}
