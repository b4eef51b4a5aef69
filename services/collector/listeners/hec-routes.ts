import type { FastifyReply, FastifyRequest } from '#shared/http.ts';
import type { Delivery, Taking } from '../delivery.ts';
import { parseTime } from '../event-time.ts';
import type { RecordHint } from '../formats/format.ts';
import { lines } from '../formats/lines.ts';
import { blankEvent, missingEvent, splunkHec } from '../formats/splunk-hec.ts';
import { type BytesScope, bytesOf, encodingOf } from './http-body.ts';
import { admit, answerProbes, type RouteContext } from './http-routes.ts';

// Splunk's reply codes; a client branches on the status, a person on the text.
const replies = {
  success: [200, 0, 'Success'],
  tokenRequired: [401, 2, 'Token is required'],
  invalidToken: [403, 4, 'Invalid token'],
  noData: [400, 5, 'No data'],
  badFormat: [400, 6, 'Invalid data format'],
  eventMissing: [400, 12, 'Event field is required'],
  eventBlank: [400, 13, 'Event field cannot be blank'],
  busy: [503, 9, 'Server is busy'],
  healthy: [200, 17, 'HEC is healthy'],
  unhealthyBusy: [503, 18, 'HEC is unhealthy, queues are full'],
  tooLarge: [413, 27, 'Request entity too large'],
} as const;

export interface HecContext extends RouteContext {
  /** Rejects when the log cannot take records. */
  readonly isReady: () => Promise<void>;
}

/**
 * Splunk's HTTP Event Collector: events, raw lines, health and acknowledgements. Records are durable before the
 * answer, so that no `ackId` is given; a client that asks all the same hears that everything has arrived.
 *
 * @source https://help.splunk.com: HTTP Event Collector REST API endpoints; Troubleshoot HTTP Event Collector
 */
export function hecRoutes(scope: BytesScope, context: HecContext): void {
  const base = '/services/collector';
  for (const path of ['', '/event', '/event/1.0']) {
    scope.post(base + path, (request, reply) => events(request, reply, context));
  }
  for (const path of ['/raw', '/raw/1.0']) {
    scope.post(base + path, (request, reply) => raw(request, reply, context));
  }
  for (const path of ['/health', '/health/1.0']) {
    scope.get(base + path, (_request, reply) => health(reply, context));
  }
  scope.post(`${base}/ack`, async (request, reply) => acknowledge(request, reply));
  // Docker's splunk driver verifies its settings with OPTIONS.
  const paths = ['', '/event', '/event/1.0', '/raw', '/raw/1.0', '/ack'];
  answerProbes(scope, ...paths.map((path) => base + path));
}

function events(request: FastifyRequest, reply: FastifyReply, context: HecContext): Promise<FastifyReply> {
  return take(request, reply, context, { format: splunkHec.name, decode: splunkHec.decode });
}

function raw(request: FastifyRequest, reply: FastifyReply, context: HecContext): Promise<FastifyReply> {
  const query = request.query as Readonly<Record<string, unknown>>;
  const stream = query['sourcetype'] ?? query['source'] ?? query['index'];
  const time = parseTime(query['time']);
  const hint: RecordHint = {
    ...(typeof stream === 'string' ? { stream } : {}),
    ...(typeof query['host'] === 'string' ? { host: query['host'] } : {}),
    ...(time === undefined ? {} : { time }),
  };
  return take(request, reply, context, { format: splunkHec.name, decode: lines.decode, hint });
}

async function take(
  request: FastifyRequest,
  reply: FastifyReply,
  context: HecContext,
  part: Pick<Delivery, 'format' | 'decode' | 'hint'>,
): Promise<FastifyReply> {
  const admitted = admit(request, splunkHec.name, context);
  if (!admitted.ok) {
    return send(reply, request.headers.authorization === undefined ? 'tokenRequired' : 'invalidToken');
  }
  const body = bytesOf(request);
  if (body.length === 0) return send(reply, 'noData');
  const { sender } = admitted;
  const taking = await context.ingest.take({
    ...part,
    sender,
    body,
    encoding: encodingOf(request),
    retry: 'bytes',
  });
  return answer(reply, taking);
}

function answer(reply: FastifyReply, taking: Taking): FastifyReply {
  switch (taking.kind) {
    case 'taken': {
      if (taking.accepted + taking.rejected === 0) return send(reply, 'noData');
      const [first] = taking.faults;
      // Splunk stops at the first bad event; here the good ones are kept, and only where there are none is it said.
      if (taking.accepted > 0 || first === undefined) return send(reply, 'success');
      return send(reply, faultOf(first.reason), {
        'invalid-event-number': first.index,
        reason: first.reason,
      });
    }
    case 'busy':
      reply.header('retry-after', String(taking.retryAfterSeconds));
      return send(reply, 'busy');
    case 'refused':
      return send(reply, taking.code === 'INPUT_TOO_LARGE' ? 'tooLarge' : 'badFormat', {
        reason: taking.reason,
      });
    default:
      return taking satisfies never;
  }
}

/** Splunk has codes of their own for an envelope without an event. */
function faultOf(reason: string): keyof typeof replies {
  if (reason === missingEvent) return 'eventMissing';
  return reason === blankEvent ? 'eventBlank' : 'badFormat';
}

async function health(reply: FastifyReply, context: HecContext): Promise<FastifyReply> {
  try {
    await context.isReady();
    return send(reply, 'healthy');
  } catch {
    // Whatever keeps the log from taking records: the shipper shall wait, and `/readyz` says what it is.
    return send(reply, 'unhealthyBusy');
  }
}

/** Acknowledgements that one call may ask for. */
const acksMax = 10_000;

function acknowledge(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  let asked: unknown;
  try {
    asked = (JSON.parse(bytesOf(request).toString('utf8')) as { acks?: unknown } | null)?.acks;
  } catch {
    return send(reply, 'badFormat');
  }
  if (!Array.isArray(asked) || asked.length > acksMax) return send(reply, 'badFormat');
  const acks = Object.fromEntries(asked.filter(Number.isInteger).map((id: number) => [String(id), true]));
  return reply.code(200).send({ acks });
}

function send(reply: FastifyReply, name: keyof typeof replies, more: object = {}): FastifyReply {
  const [status, code, text] = replies[name];
  return reply.code(status).send({ text, code, ...more });
}
