import { objectOf } from '../facts/read.ts';
import { decodeOtlp, type OtlpSignal, type Owner } from '../otlp-tree.ts';
import type { OtlpSpan } from '../schemas/schema.ts';
import { idFrom, millisecondsFrom, numberFrom, plainAttributes, textFrom } from '../wire/otlp-json.ts';
import {
  type Attributes,
  hexId,
  milliseconds,
  nested,
  readAttribute,
  textIn,
  type Wire,
} from '../wire/otlp-wire.ts';
import type { Format } from './format.ts';

const signal: OtlpSignal = {
  names: ['resourceSpans', 'scopeSpans', 'spans'],
  read: readSpan,
  fromJson: (span, owner) => {
    const status = objectOf(span['status']);
    const record: OtlpSpan = {
      otlp: 'span',
      ...owner,
      name: textFrom(span['name']),
      span_kind: numberFrom(span['kind']),
      trace_id: idFrom(span['traceId']),
      span_id: idFrom(span['spanId']),
      parent_span_id: idFrom(span['parentSpanId']),
      start_ms: millisecondsFrom(span, 'startTimeUnixNano'),
      end_ms: millisecondsFrom(span, 'endTimeUnixNano'),
      status_code: numberFrom(status['code']),
      status_message: textFrom(status['message']),
      attributes: plainAttributes(span['attributes']),
    };
    return record;
  },
};

/** Spans, as OpenTelemetry's SDKs and collectors export them. */
export const otlpTraces: Format = {
  name: 'otlp-traces',
  summary: 'OpenTelemetry spans, protobuf or JSON',
  source: 'https://opentelemetry.io/docs/specs/otlp/, opentelemetry/proto/trace/v1/trace.proto',
  decode: (body) => decodeOtlp(body, signal),
};

function readSpan(wire: Wire, to: number, owner: Owner): OtlpSpan {
  const { reader } = wire;
  const attributes: Attributes = {};
  let [name, traceId, spanId, parentId, statusMessage] = ['', '', '', '', ''];
  let [kind, startMs, endMs, statusCode] = [0, 0, 0, 0];
  while (reader.pos < to) {
    const tag = reader.uint32();
    switch (tag >>> 3) {
      case 1:
        traceId = hexId(wire);
        break;
      case 2:
        spanId = hexId(wire);
        break;
      case 4:
        parentId = hexId(wire);
        break;
      case 5:
        name = textIn(wire);
        break;
      case 6:
        kind = reader.uint32();
        break;
      case 7:
        startMs = milliseconds(wire);
        break;
      case 8:
        endMs = milliseconds(wire);
        break;
      case 9:
        readAttribute(wire, attributes);
        break;
      case 15:
        [statusCode, statusMessage] = readStatus(wire);
        break;
      default:
        reader.skipType(tag & 7);
    }
  }
  return {
    otlp: 'span',
    resource: owner.resource,
    scope: owner.scope,
    name,
    span_kind: kind,
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: parentId,
    start_ms: startMs,
    end_ms: endMs,
    status_code: statusCode,
    status_message: statusMessage,
    attributes,
  };
}

function readStatus(wire: Wire): [code: number, message: string] {
  const { reader } = wire;
  const { to } = nested(wire);
  let code = 0;
  let message = '';
  while (reader.pos < to) {
    const tag = reader.uint32();
    if (tag === 0x12) message = textIn(wire);
    else if (tag === 0x18) code = reader.uint32();
    else reader.skipType(tag & 7);
  }
  return [code, message];
}
