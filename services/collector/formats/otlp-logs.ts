import { decodeOtlp, type OtlpSignal, type Owner } from '../otlp-tree.ts';
import type { OtlpLog } from '../schemas/schema.ts';
import {
  idFrom,
  millisecondsFrom,
  numberFrom,
  plainAttributes,
  plainValue,
  textFrom,
} from '../wire/otlp-json.ts';
import {
  type Attributes,
  hexId,
  milliseconds,
  readAttribute,
  readValue,
  textIn,
  type Wire,
} from '../wire/otlp-wire.ts';
import type { Format } from './format.ts';

const signal: OtlpSignal = {
  names: ['resourceLogs', 'scopeLogs', 'logRecords'],
  read: readLog,
  fromJson: (log, owner) => {
    const record: OtlpLog = {
      otlp: 'log',
      ...owner,
      event_name: textFrom(log['eventName']),
      time_ms: millisecondsFrom(log, 'timeUnixNano') || millisecondsFrom(log, 'observedTimeUnixNano'),
      severity: numberFrom(log['severityNumber']),
      body: plainValue(log['body']),
      trace_id: idFrom(log['traceId']),
      span_id: idFrom(log['spanId']),
      attributes: plainAttributes(log['attributes']),
    };
    return record;
  },
};

/** Log records, as OpenTelemetry's SDKs and collectors export them, and Envoy its access logs. */
export const otlpLogs: Format = {
  name: 'otlp-logs',
  summary: 'OpenTelemetry log records, protobuf or JSON',
  source: 'https://opentelemetry.io/docs/specs/otlp/, opentelemetry/proto/logs/v1/logs.proto',
  decode: (body) => decodeOtlp(body, signal),
};

function readLog(wire: Wire, to: number, owner: Owner): OtlpLog {
  const { reader } = wire;
  const attributes: Attributes = {};
  let [eventName, traceId, spanId] = ['', '', ''];
  let [timeMs, observedMs, severity] = [0, 0, 0];
  let body: unknown;
  while (reader.pos < to) {
    const tag = reader.uint32();
    switch (tag >>> 3) {
      case 1:
        timeMs = milliseconds(wire);
        break;
      case 2:
        severity = reader.uint32();
        break;
      case 5:
        body = readValue(wire);
        break;
      case 6:
        readAttribute(wire, attributes);
        break;
      case 9:
        traceId = hexId(wire);
        break;
      case 10:
        spanId = hexId(wire);
        break;
      case 11:
        observedMs = milliseconds(wire);
        break;
      case 12:
        eventName = textIn(wire);
        break;
      default:
        reader.skipType(tag & 7);
    }
  }
  return {
    otlp: 'log',
    resource: owner.resource,
    scope: owner.scope,
    event_name: eventName,
    time_ms: timeMs || observedMs,
    severity,
    body,
    trace_id: traceId,
    span_id: spanId,
    attributes,
  };
}
