import type { FastifyReply, FastifyRequest } from '#shared/http.ts';
import type { Delivery, Taking } from '../delivery.ts';
import type { Format } from '../formats/format.ts';
import { otlpLogs } from '../formats/otlp-logs.ts';
import { otlpTraces } from '../formats/otlp-traces.ts';
import { type BytesScope, busyStatus, bytesOf, encodingOf } from './http-body.ts';
import { admit, answerProbes, type RouteContext } from './http-routes.ts';
import { otlpResponse, otlpStatus, statusCodes } from './otlp-response.ts';

/**
 * OTLP over HTTP: `POST /v1/logs` and `/v1/traces`, protobuf or JSON; `/v1/metrics` is taken and let go. Answers come
 * in the encoding of the request. Only 429 and 503 are given for what may be repeated: a client never repeats others.
 *
 * @source https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export function otlpRoutes(scope: BytesScope, context: RouteContext): void {
  const signals = [
    ['/v1/logs', otlpLogs],
    ['/v1/traces', otlpTraces],
  ] as const;
  for (const [url, format] of signals) {
    scope.post(url, (request, reply) => exportRequest(request, reply, format, context));
  }
  answerProbes(scope, '/v1/logs', '/v1/traces', '/v1/metrics');
  scope.post('/v1/metrics', async (request, reply) => send(reply, isJson(request), 200, nothing));
}

const nothing = { json: {}, protobuf: Buffer.alloc(0) };

async function exportRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  format: Format,
  context: RouteContext,
): Promise<FastifyReply> {
  const inJson = isJson(request);
  const admitted = admit(request, format.name, context);
  if (!admitted.ok) {
    const code = admitted.status === 401 ? statusCodes.unauthenticated : statusCodes.permissionDenied;
    return send(reply, inJson, admitted.status, otlpStatus(code, admitted.reason));
  }
  const delivery: Delivery = {
    sender: admitted.sender,
    format: format.name,
    body: bytesOf(request),
    encoding: encodingOf(request),
    decode: format.decode,
    retry: 'bytes',
  };
  return answer(reply, inJson, format, await context.ingest.take(delivery));
}

function answer(reply: FastifyReply, inJson: boolean, format: Format, taking: Taking): FastifyReply {
  switch (taking.kind) {
    case 'taken':
      return send(reply, inJson, 200, otlpResponse(format, taking));
    case 'busy': {
      reply.header('retry-after', String(taking.retryAfterSeconds));
      return send(reply, inJson, busyStatus(taking), otlpStatus(statusCodes.unavailable, taking.reason));
    }
    case 'refused': {
      const status = taking.code === 'INPUT_TOO_LARGE' ? 413 : 400;
      return send(reply, inJson, status, otlpStatus(statusCodes.invalidArgument, taking.reason));
    }
    default:
      return taking satisfies never;
  }
}

function isJson(request: FastifyRequest): boolean {
  return (request.headers['content-type'] ?? '').includes('json');
}

function send(
  reply: FastifyReply,
  inJson: boolean,
  status: number,
  message: { readonly json: object; readonly protobuf: Buffer },
): FastifyReply {
  // The OpenTelemetry Collector reads a partial success of exactly this type, without a charset: hence the bytes.
  reply.code(status).header('content-type', inJson ? 'application/json' : 'application/x-protobuf');
  return reply.send(inJson ? Buffer.from(JSON.stringify(message.json)) : message.protobuf);
}
