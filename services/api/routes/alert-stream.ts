import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type Static, Type } from 'typebox';
import type { Clock } from '#shared/clock.ts';
import { AppError } from '#shared/errors.ts';
import { type AlertFeed, type FeedPosition, parsePosition, positionText } from '../alert-feed.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';

const retryMs = 2_000;
// A client that takes nothing for so long is cut off; it comes back with the id of the last alert that it has.
const drainMsMax = 30_000;

const streamQuery = Type.Object(
  {
    space: Type.String({ default: 'default', maxLength: 512, description: 'Tenant' }),
    agent: Type.Optional(Type.String({ maxLength: 512, description: 'Whom it is about' })),
    severity_min: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  },
  { additionalProperties: false },
);
type Wanted = Static<typeof streamQuery>;

/** The route of alerts as they come. `signal` ends every stream. */
export function alertStreamRoutes(
  scope: ApiScope,
  { context, settings }: ApiDependencies,
  feed: AlertFeed,
  signal: AbortSignal,
): void {
  scope.get(
    '/alerts/stream',
    {
      schema: {
        summary: 'Alerts as they come or change, as server-sent events',
        description:
          'Events are called `alert` and hold one alert. After an interruption send the last `id` as Last-Event-ID: ' +
          'nothing is left out while the log still has it.',
        tags: ['alerts'],
        produces: ['text/event-stream'],
        querystring: streamQuery,
        headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 1024 })) }),
      },
    },
    async (request, reply) => {
      const from = await startPosition(feed, request.headers['last-event-id']);
      reply.hijack();
      const response = reply.raw;
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no', // nginx would hold events back
        'x-request-id': request.id,
      });
      const closed = new AbortController();
      response.once('close', () => closed.abort());
      const ended = AbortSignal.any([signal, closed.signal]);
      try {
        const heartbeatMs = settings.heartbeat_ms;
        await follow({
          response,
          feed,
          from,
          wanted: request.query,
          heartbeatMs,
          clock: context.clock,
          ended,
        });
      } catch (error) {
        if (!ended.aborted) request.log.warn({ err: error }, 'alert stream was cut off');
      }
      response.end();
    },
  );
}

async function startPosition(feed: AlertFeed, lastEventId: string | undefined): Promise<FeedPosition> {
  const end = await feed.end();
  if (lastEventId === undefined || lastEventId === '') return end;
  const position = parsePosition(lastEventId, end.length);
  if (position !== undefined) return position;
  throw new AppError('INPUT_INVALID', 'Last-Event-ID: not one that this stream gave out; start without it');
}

interface Following {
  readonly response: ServerResponse;
  readonly feed: AlertFeed;
  readonly from: FeedPosition;
  readonly wanted: Wanted;
  readonly heartbeatMs: number;
  readonly clock: Clock;
  readonly ended: AbortSignal;
}

async function follow({ response, feed, from, wanted, heartbeatMs, clock, ended }: Following): Promise<void> {
  let position = from;
  let lastWriteAt = clock.now();
  const write = async (text: string) => {
    lastWriteAt = clock.now();
    if (response.write(text)) return;
    await once(response, 'drain', { signal: AbortSignal.any([ended, AbortSignal.timeout(drainMsMax)]) });
  };
  await write(`retry: ${retryMs}\nid: ${positionText(position)}\n\n`);
  while (!ended.aborted) {
    const changed = feed.changed();
    const records = await feed.read(position);
    for (const found of records) {
      position = found.position;
      const text = found.record.value.toString('utf8');
      if (isWanted(text, wanted))
        await write(`id: ${positionText(position)}\nevent: alert\ndata: ${text}\n\n`);
    }
    if (clock.now() - lastWriteAt >= heartbeatMs) await write(': nothing new\n\n');
    if (records.length === 0) await waitFor(changed, heartbeatMs, clock, ended);
  }
}

async function waitFor(
  changed: Promise<void>,
  delayMs: number,
  clock: Clock,
  ended: AbortSignal,
): Promise<void> {
  const early = new AbortController();
  const slept = clock.sleep(delayMs, AbortSignal.any([ended, early.signal])).catch(() => {}); // cut short
  await Promise.race([changed, slept]);
  early.abort();
}

function isWanted(text: string, wanted: Wanted): boolean {
  const alert = parseAlert(text);
  return (
    alert !== undefined &&
    alert.space === wanted.space &&
    (wanted.agent === undefined || alert.agent === wanted.agent) &&
    (wanted.severity_min === undefined || Number(alert.severity) >= wanted.severity_min)
  );
}

function parseAlert(text: string): { space?: unknown; agent?: unknown; severity?: unknown } | undefined {
  if (text.includes('\n')) return undefined; // would break the frame; none of ours has one
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
