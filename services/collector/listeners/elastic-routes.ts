import type { Clock } from '#shared/clock.ts';
import type { FastifyReply, FastifyRequest } from '#shared/http.ts';
import type { Busy } from '../admission.ts';
import type { Delivery, Taking } from '../delivery.ts';
import { type BulkItem, bulkItems, documentOf, elasticBulk } from '../formats/elastic-bulk.ts';
import type { FormatOutcome } from '../formats/format.ts';
import { takePatiently } from '../patient-ingest.ts';
import { elasticProbes } from './elastic-probes.ts';
import { type BytesScope, busyStatus, bytesOf, encodingOf } from './http-body.ts';
import { admit, answerProbes, type RouteContext } from './http-routes.ts';

export interface ElasticContext extends RouteContext {
  readonly clock: Clock;
  /** Answer a bad document with an item of status 400, so that Logstash and Filebeat put it aside themselves. */
  readonly isStrict: boolean;
}

/**
 * Elasticsearch's `_bulk` under a prefix, with the probes that shippers make before they send. All-or-nothing under
 * pressure: one answer for the whole request, in the form that each client is known to survive.
 *
 * @param prefix `/elastic` on the main port, "" on a port of its own
 */
export function elasticRoutes(scope: BytesScope, prefix: string, context: ElasticContext): void {
  elasticProbes(scope, prefix);
  const bulkPaths = ['/_bulk', '/:index/_bulk', '/:index/:type/_bulk'].map((path) => prefix + path);
  for (const url of bulkPaths) {
    scope.route({ method: ['POST', 'PUT'], url, handler: (request, reply) => bulk(request, reply, context) });
  }
  answerProbes(scope, ...bulkPaths);
  for (const path of ['/:index/_doc', '/:index/_doc/:id', '/:index/_create/:id']) {
    scope.route({
      method: ['POST', 'PUT'],
      url: prefix + path,
      handler: (request, reply) => document(request, reply, context),
    });
  }
  scope.all(`${prefix}/*`, async ({ method, url }, reply) => {
    const reason = `there is no ${method} ${url} here: logs are taken by _bulk, _doc and _create`;
    return replyError(reply.header(...product), 404, 'resource_not_found_exception', reason);
  });
}

// Official clients talk to nobody who does not show this header.
const product = ['x-elastic-product', 'Elasticsearch'] as const;

function bulk(request: FastifyRequest, reply: FastifyReply, context: ElasticContext): Promise<FastifyReply> {
  const { index } = request.params as { index?: string };
  const items: Answerable[] = [];
  return take(request, reply, context, {
    decode: (body, readPlain) => noting(bulkItems(body, readPlain), index, items),
    retry: 'bytes',
    answer: (taken) => reply.type('application/json').send(bulkAnswer(items, taken, context.isStrict)),
  });
}

/** One document, as log handlers without batches send it: without an id two equal ones are two, not a repeat. */
function document(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ElasticContext,
): Promise<FastifyReply> {
  const { index = 'amiss', id } = request.params as { index?: string; id?: string };
  return take(request, reply, context, {
    decode: (body) => [documentOf(body.toString('utf8'), { operation: 'index', index, id })],
    answer: ({ faults: [fault] }) => {
      if (fault !== undefined && context.isStrict)
        return replyError(reply, 400, 'mapper_parsing_exception', fault.reason);
      const shards = { total: 1, successful: 1, failed: 0 };
      const about = { _index: index, _id: id ?? request.id, _version: 1, result: 'created', _shards: shards };
      return reply.code(201).send({ ...about, _seq_no: 0, _primary_term: 1 });
    },
  });
}

interface Part extends Pick<Delivery, 'decode' | 'retry'> {
  readonly answer: (taken: Extract<Taking, { kind: 'taken' }>) => FastifyReply;
}

async function take(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ElasticContext,
  { answer, ...part }: Part,
): Promise<FastifyReply> {
  reply.header(...product);
  const admitted = admit(request, elasticBulk.name, context);
  if (!admitted.ok) return replyError(reply, admitted.status, 'security_exception', admitted.reason);
  const { index } = request.params as { index?: string };
  const delivery: Delivery = {
    sender: admitted.sender,
    format: elasticBulk.name,
    body: bytesOf(request),
    encoding: encodingOf(request),
    ...(index === undefined ? {} : { hint: { stream: index } }),
    ...part,
  };
  const patienceMs = isHasty(request) ? patienceMsMax : 0;
  const { ingest, clock } = context;
  const taking = await takePatiently(ingest, delivery, { clock, signal: neverAborted, patienceMs });
  switch (taking.kind) {
    case 'taken':
      return answer(taking);
    case 'busy':
      if (losesBatches(request)) return hangUp(request, reply);
      reply.header('retry-after', String(taking.retryAfterSeconds));
      return replyError(reply, busyFor(request, taking), 'es_rejected_execution_exception', taking.reason);
    case 'refused': {
      const status = taking.code === 'INPUT_TOO_LARGE' ? 413 : 400;
      return replyError(reply, status, 'illegal_argument_exception', taking.reason);
    }
    default:
      return taking satisfies never;
  }
}

type Answerable = Pick<BulkItem, 'operation' | 'index' | 'id'>;

function* noting(
  found: Iterable<BulkItem>,
  index: string | undefined,
  items: Answerable[],
): Generator<FormatOutcome> {
  items.length = 0;
  for (const item of found) {
    items.push({ operation: item.operation, index: item.index ?? index, id: item.id });
    yield item.outcome;
  }
}

/**
 * One item for each action, in order and compact: Fluent Bit looks for `"errors":false,"items":[` as text, Vector for
 * `"errors":true`, and Logstash counts the items.
 */
function bulkAnswer(
  items: readonly Answerable[],
  taking: Extract<Taking, { kind: 'taken' }>,
  isStrict: boolean,
): string {
  const faults = new Map(isStrict ? taking.faults.map(({ index, reason }) => [index, reason]) : []);
  const answers = items.map(({ operation, index = 'amiss', id }, position) => {
    const reason = faults.get(position);
    const meta = { _index: index, _id: id ?? String(position) };
    if (reason !== undefined) {
      const error = { type: 'mapper_parsing_exception', reason };
      return { [operation]: { ...meta, status: 400, error } };
    }
    const isNew = operation === 'create' || operation === 'index';
    return { [operation]: { ...meta, status: isNew ? 201 : 200, result: isNew ? 'created' : 'noop' } };
  });
  return `{"took":1,"errors":${faults.size > 0},"items":${JSON.stringify(answers)}}`;
}

/**
 * rsyslog's omelasticsearch takes a 429 or 503 for final and drops the batch. It shows no `User-Agent`, and this
 * content type. Of a connection that ends it thinks otherwise: it waits, asks `/_cat/health`, and sends again.
 *
 * @source observed with rsyslog 8.2302 (Debian 12)
 */
function losesBatches(request: FastifyRequest): boolean {
  const { 'user-agent': agent, 'content-type': type = '' } = request.headers;
  return agent === undefined && type.toLowerCase() === 'application/json; charset=utf-8';
}

// Below the client's own patience of thirty seconds, and below what a service may take to drain.
const patienceMsMax = 8_000;
const neverAborted = new AbortController().signal;

/**
 * Elastic's JavaScript client repeats 502, 503 and 504 at once, without a pause, and hands 429 to its caller: it is
 * kept waiting instead.
 *
 * @source elastic/elastic-transport-js 9.4, Transport.ts; observed
 */
function isHasty(request: FastifyRequest): boolean {
  return request.headers['user-agent']?.startsWith('elasticsearch-js/') === true;
}

function busyFor(request: FastifyRequest, busy: Busy): number {
  return isHasty(request) ? 503 : busyStatus(busy);
}

function hangUp(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.destroy();
  return reply;
}

function replyError(reply: FastifyReply, status: number, type: string, reason: string): FastifyReply {
  const error = { root_cause: [{ type, reason }], type, reason };
  return reply.code(status).send({ error, status });
}
