import type { IncomingHttpHeaders } from 'node:http';
import { isAgentCard } from '#shared/registry/agent-card.ts';
import { isObject, objectOf, textAt, textOf } from '../facts/read.ts';
import type { MapRecord } from '../schemas/index.ts';
import type { MapContext } from '../schemas/schema.ts';

/** Sessions whose client is remembered; beyond it the oldest is forgotten. */
const sessionsMax = 10_000;

/** One exchange that has passed the proxy. */
export interface Passed {
  readonly time: number;
  readonly durationMs: number;
  readonly method: string;
  /** Path and query as the caller asked for them. */
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly answerHeaders: IncomingHttpHeaders;
  readonly request: unknown;
  readonly response: unknown;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly sourceAddress: string | undefined;
}

export interface ReportOptions {
  /** The calling agent, where all traffic through this proxy is one agent's. */
  readonly source?: string;
  /** The called agent, as it is to be known. */
  readonly destination: string;
  /** Name of this proxy among observers. */
  readonly observer: string;
  readonly mapRecord: MapRecord;
  readonly context: Omit<MapContext, 'receivedAt'>;
  /** A new id for each event, so that a batch that is sent twice is stored once. */
  readonly randomUuid: () => string;
}

/**
 * Makes records for the collector of what passes: native events, so that neither tokens nor arguments leave this
 * process, and agent cards as they are. Remembers which client opened which MCP session, since later requests of a
 * session do not say.
 */
export function createReport(options: ReportOptions): (passed: Passed) => readonly unknown[] {
  const clients = new Map<string, string>();
  return (passed) => {
    remember(clients, passed);
    const session = textOf(passed.headers['mcp-session-id']);
    const source = options.source ?? (session === undefined ? undefined : clients.get(session));
    const exchange = {
      time: passed.time,
      duration_ms: passed.durationMs,
      ...(source === undefined ? {} : { source }),
      destination: options.destination,
      source_address: passed.sourceAddress,
      observer: options.observer,
      method: passed.method,
      url: passed.url,
      status: passed.status,
      request_headers: passed.headers,
      request: passed.request,
      response: passed.response,
      bytes_out: passed.bytesOut,
      bytes_in: passed.bytesIn,
    };
    const outcomes = options.mapRecord(exchange, {}, { ...options.context, receivedAt: passed.time });
    const events = outcomes.flatMap((outcome) =>
      outcome.kind === 'event' ? [{ id: options.randomUuid(), ...outcome.event }] : [],
    );
    if (!isAgentCard(passed.response)) return events;
    // The collector reads the card itself; of the exchange it needs the ends, and never the headers.
    const { request_headers: _, request: __, ...card } = exchange;
    return [{ ...card, source: source ?? passed.sourceAddress ?? 'unknown' }];
  };
}

function remember(clients: Map<string, string>, passed: Passed): void {
  const request = objectOf(passed.request);
  if (!isObject(passed.request) || request['method'] !== 'initialize') return;
  const session = textOf(passed.answerHeaders['mcp-session-id']);
  const name = textAt(request, 'params.clientInfo.name');
  if (session === undefined || name === undefined) return;
  clients.set(session, name);
  const oldest = clients.keys().next();
  if (clients.size > sessionsMax && oldest.done !== true) clients.delete(oldest.value);
}
