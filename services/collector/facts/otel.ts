import type { Outcome } from '#shared/event.ts';
import type { Hint, OtlpLog, OtlpSpan } from '../schemas/schema.ts';
import type { Found } from './draft.ts';
import { tlsVersion } from './http.ts';
import { kindOf, loggingWorkload, workloadName } from './names.ts';
import { countOf, isObject, type JsonObject, textOf } from './read.ts';

const server = 2;
const client = 3;
const producer = 4;
const consumer = 5;
const errorStatus = 2;

/** Which convention a span or log follows; the more special one wins, since it stands beside the general attributes. */
export type OtelDialect = 'mcp' | 'a2a' | 'gen-ai' | 'call';

const spanTexts = ['name', 'scope', 'trace_id', 'span_id', 'parent_span_id', 'status_message'];
const spanNumbers = ['span_kind', 'start_ms', 'end_ms', 'status_code'];
const logTexts = ['scope', 'event_name', 'trace_id', 'span_id'];

/** Whether a record is a decoded OTLP span. */
export function isSpan(record: unknown): record is OtlpSpan {
  return isOtlp(record, 'span') && has(record, spanTexts, 'string') && has(record, spanNumbers, 'number');
}

/** Whether a record is a decoded OTLP log record. */
export function isOtlpLog(record: unknown): record is OtlpLog {
  return isOtlp(record, 'log') && has(record, logTexts, 'string') && has(record, ['time_ms'], 'number');
}

function isOtlp(record: unknown, kind: string): record is JsonObject {
  return (
    isObject(record) &&
    record['otlp'] === kind &&
    isObject(record['attributes']) &&
    isObject(record['resource'])
  );
}

function has(record: JsonObject, names: readonly string[], type: string): boolean {
  return names.every((name) => typeof record[name] === type);
}

/** The convention that the attributes follow. */
export function dialectOf(attributes: JsonObject): OtelDialect {
  if (attributes['mcp.method.name'] !== undefined) return 'mcp';
  if (attributes['a2a.method.name'] !== undefined) return 'a2a';
  return attributes['gen_ai.operation.name'] !== undefined ? 'gen-ai' : 'call';
}

/** The first of the attributes that has a text: newer names first, then the names of earlier conventions. */
export function attributeOf(attributes: JsonObject, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = textOf(attributes[name]);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Whether the service that reports the span is the called side. */
export function isCalledSide(span: OtlpSpan): boolean {
  return span.span_kind === server || span.span_kind === consumer;
}

/** Whether the span is one end of a call with another process. */
export function isCall(span: OtlpSpan): boolean {
  return span.span_kind >= server && span.span_kind <= consumer;
}

/** `namespace/name` of the service that reports. */
export function serviceOf(resource: JsonObject): string | undefined {
  const name = attributeOf(resource, 'service.name');
  if (name === undefined || name.startsWith('unknown_service')) return loggingWorkload(resource) ?? name;
  const namespace = attributeOf(resource, 'service.namespace', 'k8s.namespace.name');
  return workloadName(namespace, name);
}

/** The name of the other side, as the reporting side knows it. */
function peerOf(attributes: JsonObject, isCalled: boolean): string | undefined {
  const named = attributeOf(attributes, 'service.peer.name', 'peer.service');
  if (named !== undefined) return workloadName(attributeOf(attributes, 'service.peer.namespace'), named);
  return isCalled
    ? attributeOf(
        attributes,
        'client.address',
        'network.peer.address',
        'net.sock.peer.addr',
        'net.peer.ip',
        'http.client_ip',
      )
    : attributeOf(
        attributes,
        'server.address',
        'net.peer.name',
        'http.host',
        'network.peer.address',
        'net.peer.ip',
      );
}

/** Whom the span calls: the other side as a caller knows it, itself on the called side. */
export function calledOf(span: OtlpSpan): string | undefined {
  return isCalledSide(span) ? serviceOf(span.resource) : peerOf(span.attributes, false);
}

/** What every convention takes alike from a span: ends, addresses, times, transport, trace. */
export function spanFacts(span: OtlpSpan, hint: Hint): Found {
  const { attributes, resource } = span;
  const isCalled = isCalledSide(span);
  const service = serviceOf(resource);
  const peer = peerOf(attributes, isCalled);
  const peerAddress = attributeOf(attributes, 'network.peer.address', 'net.sock.peer.addr', 'net.peer.ip');
  const [source, destination] = isCalled ? [peer, service] : [service, peer];
  return {
    time: Number.isFinite(span.start_ms) ? Math.floor(span.start_ms) : undefined,
    source,
    destination,
    source_kind: isCalled
      ? kindOf(peer && attributes['service.peer.name'] ? peer : undefined, 'service')
      : 'service',
    destination_kind: isCalled ? 'service' : undefined,
    source_version: isCalled ? undefined : attributeOf(resource, 'service.version'),
    source_address: isCalled
      ? attributeOf(attributes, 'client.address', 'network.peer.address', 'net.sock.peer.addr')
      : undefined,
    destination_address: isCalled ? undefined : peerAddress,
    destination_port: countOf(attributes['server.port'] ?? attributes['net.peer.port']),
    duration_ms: span.end_ms - span.start_ms,
    auth_subject: isCalled ? attributeOf(attributes, 'enduser.id', 'user.id', 'user.name') : undefined,
    tls_version: tlsVersion(attributes['tls.protocol.version'] ?? attributes['tls.version']),
    tls_cipher: attributeOf(attributes, 'tls.cipher'),
    mtls: attributes['tls.client.subject'] === undefined ? undefined : true,
    trace_id: span.trace_id,
    span_id: span.span_id,
    session: attributeOf(attributes, 'session.id'),
    observer: attributeOf(resource, 'service.instance.id', 'host.name') ?? hint.host ?? service,
    clientId: span.span_id === '' ? undefined : `${span.trace_id}/${span.span_id}`,
    sighting: sightingOf(span, isCalled),
  };
}

/** The called side's span is the child of the caller's span of the same call. */
function sightingOf(span: OtlpSpan, isCalled: boolean): Found['sighting'] {
  const isPair = span.span_kind === server || span.span_kind === client;
  const id = isCalled ? span.parent_span_id : span.span_id;
  if (!isPair || id === '' || span.trace_id === '') return undefined;
  return { call: `otel ${span.trace_id} ${id}`, part: isCalled ? 'destination' : 'source' };
}

/** Whether the caller is a message producer or consumer, whose other side is a queue or topic. */
export function isMessaging(span: OtlpSpan): boolean {
  return span.span_kind === producer || span.span_kind === consumer;
}

const deniedWords =
  /^(?:7|16|401|403|PERMISSION_DENIED|UNAUTHENTICATED|auth\w*_?error|forbidden|unauthorized|.*AccessDenied.*)$/i;
const timeoutWords = /^(?:4|408|504|DEADLINE_EXCEEDED|timeout|.*Timeout\w*|ETIMEDOUT)$/i;

/** What the status of a span and its error type say, where no code of the protocol does. */
export function statusOutcome(span: OtlpSpan): Outcome {
  const type = attributeOf(span.attributes, 'error.type');
  if (type === undefined && span.status_code !== errorStatus) return 'success';
  return errorOutcome(type ?? span.status_message);
}

/** Tells denials and timeouts from other errors by an error's name or code. */
export function errorOutcome(type: string): Outcome {
  if (deniedWords.test(type)) return 'denied';
  return timeoutWords.test(type) ? 'timeout' : 'error';
}
