import type { FastifyReply, FastifyRequest } from '#shared/http.ts';
import type { Taking } from '../delivery.ts';
import { fluentMsgpack } from '../formats/fluent-msgpack.ts';
import type { Decode } from '../formats/format.ts';
import { lines } from '../formats/lines.ts';
import { native } from '../formats/native.ts';
import { type BytesScope, busyStatus, bytesOf, encodingOf, replyProblem } from './http-body.ts';
import { admit, answerProbes, type RouteContext, replyRefusal } from './http-routes.ts';

/** Faults that an answer tells; all of them are in `rejects`. */
const faultsShown = 10;

/**
 * `POST /v1/ingest`: NDJSON, a JSON array or objects one after another, in any content type and in the codings of
 * `compression.ts`. 200 with counts when everything is durable (bad records among the rejects);
 * 400 for a body that cannot be unpacked; 413 for too large; 429 and 503 with `Retry-After`. `?schema=NAME` chooses a schema, `Idempotency-Key` makes a repeat harmless.
 */
export function nativeRoutes(scope: BytesScope, context: RouteContext): void {
  scope.route({
    method: ['POST', 'PUT'],
    url: '/v1/ingest',
    handler: async (request, reply) => {
      const admitted = admit(request, native.name, context);
      if (!admitted.ok) return replyRefusal(reply, admitted);
      const body = bytesOf(request);
      const key = request.headers['idempotency-key'];
      const { schema } = request.query as { schema?: unknown };
      const taking = await context.ingest.take({
        sender: admitted.sender,
        format: native.name,
        body,
        encoding: encodingOf(request),
        decode: isMsgpack(request) ? fluentMsgpack.decode : decodeText,
        ...(typeof schema === 'string' ? { hint: { schema } } : {}),
        ...(typeof key === 'string' && key !== '' ? { retry: { key } } : {}),
      });
      return answer(reply, taking);
    },
  });
  answerProbes(scope, '/v1/ingest');
}

/** Text that begins like no JSON is read line by line: a Zeek, VPC flow or Envoy log. */
const decodeText: Decode = (body, readPlain) => {
  const isText = /^\s*(?:[#\w]|\[\d{4}-)/.test(body.toString('latin1', 0, 64));
  return (isText ? lines : native).decode(body, readPlain);
};

function isMsgpack(request: FastifyRequest): boolean {
  return (request.headers['content-type'] ?? '').includes('msgpack');
}

function answer(reply: FastifyReply, taking: Taking): FastifyReply {
  switch (taking.kind) {
    case 'taken': {
      const { accepted, rejected, faults } = taking;
      // Also 200 where every record was bad: they are kept in `rejects`, and a repeat would not make them better.
      return reply.code(200).send({ accepted, rejected, errors: faults.slice(0, faultsShown) });
    }
    case 'busy':
      reply.header('retry-after', String(taking.retryAfterSeconds));
      return replyProblem(reply, busyStatus(taking), taking);
    case 'refused':
      return replyProblem(reply, taking.code === 'INPUT_TOO_LARGE' ? 413 : 400, taking);
    default:
      return taking satisfies never;
  }
}
