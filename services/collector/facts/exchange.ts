import type { Outcome } from '#shared/event.ts';
import { parseTime } from '../event-time.ts';
import type { Hint, MapContext } from '../schemas/schema.ts';
import { type Found, httpOutcome } from './draft.ts';
import { agentName, hostOf } from './names.ts';
import { countOf, isObject, type JsonObject, listOf, numberOf, objectOf, textAt, textOf } from './read.ts';
import { rpcErrorOutcome } from './rpc-methods.ts';
import { type Credential, readCredential } from './token.ts';

/** Messages of one exchange that are read; a stream of more is cut there. */
const messagesMax = 1000;

/**
 * One HTTP exchange that carries JSON-RPC, as an observing proxy logs it:
 * `{time, duration_ms, source, destination, url, method, status, request_headers, request, response}`, where
 * `request` and `response` are a message or a list of messages; or a JSON-RPC message alone.
 */
export interface Exchange {
  readonly outer: JsonObject;
  /** Names in lower case. */
  readonly headers: JsonObject;
  readonly httpMethod: string | undefined;
  readonly url: string | undefined;
  readonly status: number | undefined;
  /** What the caller sent, and what came back (answers, and requests of the called side). */
  readonly sent: readonly JsonObject[];
  readonly received: readonly JsonObject[];
}

/** The record as an exchange; `undefined` when it is none. */
export function exchangeOf(record: unknown): Exchange | undefined {
  if (!isObject(record)) return undefined;
  const isAlone = record['jsonrpc'] === '2.0';
  if (
    !isAlone &&
    record['request'] === undefined &&
    record['response'] === undefined &&
    !isObject(record['request_headers'])
  )
    return undefined;
  const headers: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(objectOf(record['request_headers'])))
    headers[name.toLowerCase()] = Array.isArray(value) ? value[0] : value;
  return {
    outer: isAlone ? {} : record,
    headers,
    httpMethod: isAlone ? undefined : textOf(record['method']),
    url: isAlone ? undefined : textAt(record, 'url', 'path'),
    status: isAlone ? undefined : countOf(record['status']),
    sent: isAlone ? [record] : messagesOf(record['request']),
    received: isAlone ? [] : messagesOf(record['response']),
  };
}

function messagesOf(value: unknown): readonly JsonObject[] {
  const list = Array.isArray(value) ? listOf(value) : [value];
  return list.slice(0, messagesMax).filter(isObject);
}

/** The name of the first JSON-RPC method that the caller sent. */
export function methodOf(exchange: Exchange): string | undefined {
  for (const message of exchange.sent) {
    if (typeof message['method'] === 'string' && message['jsonrpc'] === '2.0') return message['method'];
  }
  return undefined;
}

/** The answer to a message: the one with its id. Streams answer with many messages; the last says how it ended. */
export function answerTo(exchange: Exchange, message: JsonObject): JsonObject | undefined {
  const { id } = message;
  return exchange.received.findLast(
    (candidate) => candidate['id'] === id && candidate['method'] === undefined && id !== undefined,
  );
}

/** What the answer, or without one the HTTP status, says. */
export function answerOutcome(answer: JsonObject | undefined, status: number | undefined): Outcome {
  if (isObject(answer?.['error'])) return rpcErrorOutcome(answer['error']);
  if (status !== undefined && status >= 400) return httpOutcome(status);
  return answer === undefined ? 'unknown' : 'success';
}

/** What an exchange says of every message in it: ends, addresses, times, credential. */
export function exchangeFacts(
  exchange: Exchange,
  hint: Hint,
  context: MapContext,
): { readonly found: Found; readonly credential: Credential } {
  const { outer, headers } = exchange;
  const credential = credentialOf(exchange, context);
  const source = textOf(outer['source']) ?? credential.fields.auth_subject;
  const destination =
    textOf(outer['destination']) ?? hostOf(absolute(exchange.url)) ?? hostOf(textOf(headers['host']));
  return {
    credential,
    found: {
      time: parseTime(outer['time']),
      source: source === undefined ? undefined : agentName(source),
      destination: destination === undefined ? undefined : agentName(destination),
      source_address: textOf(outer['source_address']),
      destination_address: textOf(outer['destination_address']),
      destination_port: countOf(outer['destination_port']),
      bytes_out: countOf(outer['bytes_out']),
      bytes_in: countOf(outer['bytes_in']),
      duration_ms: numberOf(outer['duration_ms']),
      ...credential.fields,
      tls_version: textOf(outer['tls_version']),
      trace_id: traceIdOf(textOf(headers['traceparent'])),
      observer: textOf(outer['observer']) ?? hint.host,
    },
  };
}

/** An exchange that holds the headers shows also that there was no credential among them. */
function credentialOf({ outer, headers }: Exchange, { digest }: MapContext): Credential {
  const key = textOf(headers['x-api-key'] ?? headers['api-key']);
  if (headers['authorization'] === undefined && key !== undefined)
    return { fields: { auth_method: 'api_key', token_id: digest(key) }, attributes: {} };
  const isKnown = isObject(outer['request_headers']) && headers['cookie'] === undefined;
  if (headers['authorization'] !== undefined || !isKnown)
    return readCredential(headers['authorization'], digest);
  return { fields: { auth_method: 'none' }, attributes: {} };
}

/** Who called, where neither the exchange nor the credential says: whoever logged it may stand at either end. */
export function fallbackSource(exchange: Exchange): string | undefined {
  return textOf(exchange.outer['source_address']);
}

/** Trace of a W3C `traceparent`. */
export function traceIdOf(parent: string | undefined): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-/.exec(parent ?? '')?.[1];
}

function absolute(url: string | undefined): string | undefined {
  return url?.includes('://') === true ? url : undefined;
}
