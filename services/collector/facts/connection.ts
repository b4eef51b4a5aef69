import type { AmissEvent } from '#shared/event.ts';
import type { Sighting } from '../schemas/schema.ts';

/** What is remembered of a connection: its TLS facts, and the bytes that its requests have accounted for. */
export interface KnownConnection {
  readonly tls: Partial<AmissEvent> | undefined;
  readonly requests: number;
  readonly requestBytesOut: number;
  readonly requestBytesIn: number;
}

interface Seen {
  readonly event: AmissEvent;
  readonly part: Sighting['part'];
}

const tlsFields = ['tls_version', 'tls_cipher', 'mtls', 'auth_method', 'auth_subject'] as const;

/**
 * Joins the lines of one connection: each request is an event, and without requests the connection is. The handshake
 * becomes facts of these, or an event where it is alone. Bytes of the connection that no request accounts for
 * (headers, or what is no HTTP at all) go to its last request, so that no byte is counted twice or lost.
 *
 * @param before what earlier deliveries told of this connection
 */
export function joinConnection(
  seen: readonly Seen[],
  before: KnownConnection | undefined,
): readonly AmissEvent[] {
  const { tls, requestBytesOut, requestBytesIn } = knownOf(seen, before);
  const requests = seen.filter(({ part }) => part === 'request').map(({ event }) => withTls(event, tls));
  const handshakes = seen.filter(({ part }) => part === 'handshake').map(({ event }) => event);
  const connection = seen.findLast(({ part }) => part === 'connection')?.event;
  if (connection === undefined) return requests.length > 0 ? requests : handshakes;
  const restOut = rest(connection.bytes_out, requestBytesOut);
  const restIn = rest(connection.bytes_in, requestBytesIn);
  const last = requests.pop();
  if (last === undefined) return [withBytes(withTls(connection, tls), restOut, restIn)];
  return [...requests, withBytes(last, sum(last.bytes_out, restOut), sum(last.bytes_in, restIn))];
}

/** What to remember after these lines. */
export function knownOf(seen: readonly Seen[], before: KnownConnection | undefined): KnownConnection {
  const requests = seen.filter(({ part }) => part === 'request').map(({ event }) => event);
  const handshake = seen.findLast(({ part }) => part === 'handshake')?.event;
  return {
    tls: handshake === undefined ? before?.tls : tlsOf(handshake),
    requests: (before?.requests ?? 0) + requests.length,
    requestBytesOut: requests.reduce(
      (bytes, { bytes_out = 0 }) => bytes + bytes_out,
      before?.requestBytesOut ?? 0,
    ),
    requestBytesIn: requests.reduce(
      (bytes, { bytes_in = 0 }) => bytes + bytes_in,
      before?.requestBytesIn ?? 0,
    ),
  };
}

function tlsOf(handshake: AmissEvent): Partial<AmissEvent> {
  const facts = tlsFields
    .filter((name) => handshake[name] !== undefined)
    .map((name) => [name, handshake[name]]);
  const { attributes } = handshake;
  return { ...Object.fromEntries(facts), ...(attributes === undefined ? {} : { attributes }) };
}

function withTls(event: AmissEvent, tls: Partial<AmissEvent> | undefined): AmissEvent {
  if (tls === undefined) return event;
  const attributes = { ...tls.attributes, ...event.attributes };
  // Behind a proxy the same connection is first plain (CONNECT) and then not: the handshake is the better news.
  const version = tls.tls_version === undefined ? {} : { tls_version: tls.tls_version };
  return { ...tls, ...event, ...version, ...(Object.keys(attributes).length === 0 ? {} : { attributes }) };
}

function withBytes(event: AmissEvent, bytesOut: number | undefined, bytesIn: number | undefined): AmissEvent {
  return {
    ...event,
    ...(bytesOut === undefined ? {} : { bytes_out: bytesOut }),
    ...(bytesIn === undefined ? {} : { bytes_in: bytesIn }),
  };
}

function rest(total: number | undefined, counted: number): number | undefined {
  return total === undefined ? undefined : Math.max(0, total - counted);
}

function sum(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined ? right : left + (right ?? 0);
}
