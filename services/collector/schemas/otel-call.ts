import type { Outcome } from '#shared/event.ts';
import { attributes, type Found, httpOutcome, overlay, skip, toEvent } from '../facts/draft.ts';
import { httpAction } from '../facts/http.ts';
import { hostOf } from '../facts/names.ts';
import {
  attributeOf,
  calledOf,
  dialectOf,
  errorOutcome,
  isCall,
  isCalledSide,
  isMessaging,
  isSpan,
  serviceOf,
  spanFacts,
  statusOutcome,
} from '../facts/otel.ts';
import { templatePath, templateSegment } from '../facts/path.ts';
import { countOf, type JsonObject } from '../facts/read.ts';
import { readCredential } from '../facts/token.ts';
import type { OtlpSpan, Schema } from './schema.ts';

/** OTel spans of HTTP, RPC, messaging and database calls, by the names of the present and of earlier conventions. */
export const otelCall: Schema = {
  name: 'otel-call',
  summary: 'OTel spans of http, rpc, messaging and database calls',
  source: 'https://opentelemetry.io/docs/specs/semconv/',
  recognises: (record) => isSpan(record) && dialectOf(record.attributes) === 'call',
  map: (record, hint, context) => {
    const span = record as OtlpSpan;
    if (!isCall(span)) return [skip('a span within one process')];
    const header = firstOf(span.attributes['http.request.header.authorization']);
    const credential = readCredential(header, context.digest);
    const common = spanFacts(span, hint);
    const special = readerOf(span.attributes)(span);
    const known = attributes({
      ...credential.attributes,
      span_name: span.name,
      error_type: span.attributes['error.type'],
      user_agent: attributeOf(span.attributes, 'user_agent.original', 'http.user_agent'),
      instance: span.resource['service.instance.id'],
      scope: span.scope,
    });
    return [toEvent(overlay(common, special, credential.fields, { attributes: known }), hint, context)];
  },
};

function readerOf(given: JsonObject): (span: OtlpSpan) => Found {
  // An RPC span has http attributes too, where HTTP carries it.
  if (attributeOf(given, 'rpc.system.name', 'rpc.system') !== undefined) return rpc;
  if (attributeOf(given, 'messaging.system') !== undefined) return messaging;
  if (attributeOf(given, 'db.system.name', 'db.system') !== undefined) return database;
  if (attributeOf(given, 'http.request.method', 'http.method') !== undefined) return http;
  return other;
}

function http(span: OtlpSpan): Found {
  const given = span.attributes;
  const status = countOf(given['http.response.status_code'] ?? given['http.status_code']);
  const path =
    attributeOf(given, 'http.route', 'url.template', 'url.path', 'http.target') ??
    attributeOf(given, 'url.full', 'http.url');
  const url = attributeOf(given, 'url.full', 'http.url');
  return {
    // Instrumentation of browsers and old clients names the called only in the URL.
    destination: isCalledSide(span) ? undefined : (calledOf(span) ?? hostOf(url)),
    protocol: 'http',
    action: httpAction(attributeOf(given, 'http.request.method', 'http.method'), path),
    outcome: status === undefined ? statusOutcome(span) : httpOutcome(status),
    status: status === undefined ? attributeOf(given, 'error.type') : String(status),
    bytes_out: countOf(
      given['http.request.body.size'] ?? given['http.request.size'] ?? given['http.request_content_length'],
    ),
    bytes_in: countOf(
      given['http.response.body.size'] ??
        given['http.response.size'] ??
        given['http.response_content_length'],
    ),
  };
}

function rpc(span: OtlpSpan): Found {
  const given = span.attributes;
  const system = attributeOf(given, 'rpc.system.name', 'rpc.system');
  const method = attributeOf(given, 'rpc.method');
  const service = attributeOf(given, 'rpc.service');
  // The newest convention puts service and method into `rpc.method`.
  const action =
    service === undefined || method?.includes('/') === true ? method : `${service}/${method ?? '*'}`;
  const code = attributeOf(
    given,
    'rpc.status_code',
    'rpc.response.status_code',
    'rpc.grpc.status_code',
    'rpc.connect_rpc.error_code',
    'rpc.jsonrpc.error_code',
  );
  return {
    protocol: system,
    action: action?.split('/').map(templateSegment).join('/'),
    outcome: rpcOutcome(code, span),
    status: code,
  };
}

function rpcOutcome(code: string | undefined, span: OtlpSpan): Outcome {
  if (code === undefined) return statusOutcome(span);
  return code === '0' || code.toUpperCase() === 'OK' ? 'success' : errorOutcome(code);
}

function messaging(span: OtlpSpan): Found {
  const given = span.attributes;
  const system = attributeOf(given, 'messaging.system') ?? 'messaging';
  const topic = attributeOf(
    given,
    'messaging.destination.template',
    'messaging.destination.name',
    'messaging.destination',
    'messaging.kafka.topic',
  );
  const queue = topic === undefined ? undefined : `${system}:${templatePath(topic).slice(1)}`;
  const service = serviceOf(span.resource);
  const isReceiving = isCalledSide(span);
  return {
    ...(isMessaging(span) || queue !== undefined
      ? { source: isReceiving ? queue : service, destination: isReceiving ? service : queue }
      : {}),
    source_kind: isReceiving ? undefined : 'service',
    protocol: system,
    action: attributeOf(given, 'messaging.operation.name', 'messaging.operation.type', 'messaging.operation'),
    outcome: statusOutcome(span),
    status: attributeOf(given, 'error.type'),
    bytes_out: countOf(
      given['messaging.message.body.size'] ??
        given['messaging.message.envelope.size'] ??
        given['messaging.message.payload_size_bytes'],
    ),
  };
}

function database(span: OtlpSpan): Found {
  const given = span.attributes;
  const system = attributeOf(given, 'db.system.name', 'db.system') ?? 'database';
  const table = attributeOf(given, 'db.collection.name', 'db.sql.table', 'db.mongodb.collection');
  const namespace = attributeOf(given, 'db.namespace', 'db.name');
  const named = [namespace, table].filter((part) => part !== undefined).join('.');
  return {
    destination: calledOf(span) ?? system,
    protocol: system,
    action: attributeOf(given, 'db.operation.name', 'db.operation')?.toUpperCase(),
    resources: named === '' ? undefined : [named],
    outcome: statusOutcome(span),
    status: attributeOf(given, 'db.response.status_code', 'error.type'),
  };
}

/** A call of a kind that the conventions do not describe: its name, with what varies taken out. */
function other(span: OtlpSpan): Found {
  return {
    action: span.name.split(/[ /]/).filter(Boolean).slice(0, 8).map(templateSegment).join(' '),
    outcome: statusOutcome(span),
    status: attributeOf(span.attributes, 'error.type'),
  };
}

/** Captured headers are lists of values. */
function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}
