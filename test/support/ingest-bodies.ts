import { Packr } from 'msgpackr';
import protobuf from 'protobufjs';
import { elasticBulk } from '../../services/collector/formats/elastic-bulk.ts';
import { fluentMsgpack } from '../../services/collector/formats/fluent-msgpack.ts';
import type { Format } from '../../services/collector/formats/format.ts';
import { native } from '../../services/collector/formats/native.ts';
import { otlpLogs } from '../../services/collector/formats/otlp-logs.ts';
import { otlpTraces } from '../../services/collector/formats/otlp-traces.ts';
import { splunkHec } from '../../services/collector/formats/splunk-hec.ts';
import { syslog } from '../../services/collector/formats/syslog.ts';

/** A body of many records in one format, and the plainest way to read the same bytes. */
export interface IngestBody {
  readonly name: string;
  readonly format: Format;
  readonly body: Buffer;
  /** What the format is measured against: JSON.parse, or a general decoder, of the same bytes. */
  readonly plain: { readonly name: string; readonly read: (body: Buffer) => unknown };
}

/** The same calls in every format, about 280 bytes each in the native one. */
export function ingestBodies(records: number): readonly IngestBody[] {
  const events = Array.from({ length: records }, (_, i) => eventAt(i));
  const texts = events.map((event) => JSON.stringify(event));
  const parseLines = { name: 'JSON.parse', read: readJsonLines };
  const parseWhole = { name: 'JSON.parse', read: (body: Buffer) => JSON.parse(body.toString('utf8')) };
  const spans = { resourceSpans: [{ resource, scopeSpans: [{ spans: events.map(spanOf) }] }] };
  const spansInJson = { resourceSpans: [{ resource, scopeSpans: [{ spans: events.map(jsonSpanOf) }] }] };
  const logs = events.map((_, i) => ({ timeUnixNano: nanos(i), body: { stringValue: texts[i] } }));
  const packed = Buffer.concat(events.map((event, i) => packr.pack([1795405200 + i, event])));
  const text = (parts: readonly string[], separator: string) => Buffer.from(parts.join(separator));
  return [
    { name: 'native NDJSON', format: native, body: text(texts, '\n'), plain: parseLines },
    { name: 'native array', format: native, body: Buffer.from(`[${texts.join(',')}]`), plain: parseWhole },
    {
      name: 'elastic _bulk',
      format: elasticBulk,
      body: text(
        texts.flatMap((line) => ['{"create":{"_index":"logs"}}', line]),
        '\n',
      ),
      plain: parseLines,
    },
    {
      name: 'splunk hec',
      format: splunkHec,
      body: text(
        events.map((event) => JSON.stringify({ time: 1795405200, host: 'web-1', event })),
        '\n',
      ),
      plain: parseLines,
    },
    {
      name: 'syslog',
      format: syslog,
      body: text(
        texts.map((line) => `<34>1 2026-11-23T04:40:00Z web-1 app 1 - - ${line}`),
        '\n',
      ),
      plain: { name: 'JSON.parse', read: (body) => readSyslogLines(body) },
    },
    {
      name: 'otlp spans protobuf',
      format: otlpTraces,
      body: Buffer.from(traceRequest.encode(traceRequest.fromObject(spans)).finish()),
      plain: { name: 'protobufjs', read: (body) => traceRequest.decode(body) },
    },
    {
      name: 'otlp spans JSON',
      format: otlpTraces,
      body: Buffer.from(JSON.stringify(spansInJson)),
      plain: parseWhole,
    },
    {
      name: 'otlp logs JSON',
      format: otlpLogs,
      body: Buffer.from(JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: logs }] }] })),
      plain: { name: 'JSON.parse twice', read: readOtlpLogs },
    },
    {
      name: 'fluent msgpack',
      format: fluentMsgpack,
      body: packed,
      plain: { name: 'msgpackr', read: (body) => packr.unpackMultiple(body) },
    },
  ];
}

const packr = new Packr({ useRecords: false });
const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
const firstMs = 1795405200000;

function eventAt(i: number) {
  return {
    time: firstMs + i,
    source: `shop-${i % 500}`,
    destination: `orders-${i % 377}`,
    protocol: 'http',
    action: 'POST /orders/{id}',
    outcome: 'success',
    status: '200',
    bytes_out: i % 5000,
    bytes_in: (i * 7) % 90_000,
    duration_ms: 12.5,
    trace_id: (i * 2654435761).toString(16).padStart(32, 'a'),
    tls_version: 'TLSv1.3',
    mtls: true,
  };
}

type BenchEvent = ReturnType<typeof eventAt>;

const nanos = (i: number) => `${firstMs + i}000000`;

function spanOf(event: BenchEvent, i: number) {
  return {
    ...jsonSpanOf(event, i),
    traceId: Buffer.from(event.trace_id, 'hex'),
    spanId: Buffer.from(event.trace_id.slice(16), 'hex'),
  };
}

function jsonSpanOf(event: BenchEvent, i: number) {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  return {
    traceId: event.trace_id,
    spanId: event.trace_id.slice(16),
    name: 'POST',
    kind: 3,
    startTimeUnixNano: nanos(i),
    endTimeUnixNano: nanos(i + 12),
    attributes: [
      text('server.address', event.destination),
      text('http.request.method', 'POST'),
      text('url.template', '/orders/{id}'),
      { key: 'http.response.status_code', value: { intValue: '200' } },
    ],
    status: { code: 1 },
  };
}

function readJsonLines(body: Buffer): number {
  let count = 0;
  for (const line of body.toString('utf8').split('\n')) count += JSON.parse(line) === null ? 0 : 1;
  return count;
}

function readSyslogLines(body: Buffer): number {
  let count = 0;
  for (const line of body.toString('utf8').split('\n')) {
    count += JSON.parse(line.slice(line.indexOf('{'))) === null ? 0 : 1;
  }
  return count;
}

function readOtlpLogs(body: Buffer): number {
  const request = JSON.parse(body.toString('utf8'));
  const records = request.resourceLogs[0].scopeLogs[0].logRecords as { body: { stringValue: string } }[];
  return records.filter(({ body: { stringValue } }) => JSON.parse(stringValue) !== null).length;
}

// The messages of opentelemetry-proto that the bodies use: the general decoder that ours is measured against.
const field = (id: number, type: string, rule?: 'repeated') => ({ id, type, ...(rule ? { rule } : {}) });
const traceRequest = protobuf.Root.fromJSON({
  nested: {
    Request: { fields: { resourceSpans: field(1, 'ResourceSpans', 'repeated') } },
    ResourceSpans: {
      fields: { resource: field(1, 'Resource'), scopeSpans: field(2, 'ScopeSpans', 'repeated') },
    },
    Resource: { fields: { attributes: field(1, 'KeyValue', 'repeated') } },
    ScopeSpans: { fields: { spans: field(2, 'Span', 'repeated') } },
    Span: {
      fields: {
        traceId: field(1, 'bytes'),
        spanId: field(2, 'bytes'),
        name: field(5, 'string'),
        kind: field(6, 'int32'),
        startTimeUnixNano: field(7, 'fixed64'),
        endTimeUnixNano: field(8, 'fixed64'),
        attributes: field(9, 'KeyValue', 'repeated'),
        status: field(15, 'Status'),
      },
    },
    Status: { fields: { message: field(2, 'string'), code: field(3, 'int32') } },
    KeyValue: { fields: { key: field(1, 'string'), value: field(2, 'AnyValue') } },
    AnyValue: { fields: { stringValue: field(1, 'string'), intValue: field(3, 'int64') } },
  },
}).lookupType('Request');
