import { messageOf } from '#shared/errors.ts';
import { isObject, type JsonObject, listOf, objectOf } from './facts/read.ts';
import { type FormatOutcome, reject } from './formats/format.ts';
import { plainAttributes, textFrom } from './wire/otlp-json.ts';
import {
  type Attributes,
  nested,
  type Part,
  readOwner,
  skipped,
  type Wire,
  wireOf,
} from './wire/otlp-wire.ts';

/** To whom a span or log record belongs. */
export interface Owner {
  readonly resource: Attributes;
  /** Name of the instrumentation scope. */
  readonly scope: string;
}

/**
 * How one signal of OTLP is read. Both have the same tree: request, resources, scopes, records, with the same field
 * numbers; only the leaf and the JSON names differ.
 *
 * @source https://github.com/open-telemetry/opentelemetry-proto, collector/{logs,trace}/v1 (Apache-2.0)
 */
export interface OtlpSignal {
  /** JSON names: `resourceLogs`, `scopeLogs`, `logRecords`. */
  readonly names: readonly [resources: string, scopes: string, records: string];
  /** Reads one record; `wire` stands behind its length, `to` is its end. */
  readonly read: (wire: Wire, to: number, owner: Owner) => unknown;
  readonly fromJson: (record: JsonObject, owner: Owner) => unknown;
}

/** Reads an export request, protobuf or JSON: which one shows in the bytes. */
export function* decodeOtlp(body: Buffer, signal: OtlpSignal): Generator<FormatOutcome> {
  // No protobuf request can begin like JSON after blanks: a first field so short cannot hold what `{` would announce.
  const isJson = /^[\s]*[[{]/.test(body.toString('latin1', 0, 64));
  try {
    if (isJson) yield* fromJson(JSON.parse(body.toString('utf8')), signal);
    else yield* fromProtobuf(wireOf(body), signal);
  } catch (error) {
    const form = isJson ? 'JSON' : 'protobuf';
    const sample = isJson ? body.toString('utf8', 0, 1024) : body.toString('base64', 0, 512);
    yield {
      ...reject(`the request is no OTLP ${form}: ${messageOf(error).slice(0, 200)}`, sample),
      isBody: true,
    };
  }
}

function* fromProtobuf(wire: Wire, signal: OtlpSignal): Generator<FormatOutcome> {
  const { reader } = wire;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 0x0a) yield* readResource(wire, signal);
    else reader.skipType(tag & 7);
  }
}

/** Fields may come in any order: the scopes are noted first, and read once the resource is known. */
function* readResource(wire: Wire, signal: OtlpSignal): Generator<FormatOutcome> {
  const { reader } = wire;
  const { to } = nested(wire);
  const scopes: Part[] = [];
  let resource: Attributes = {};
  while (reader.pos < to) {
    const tag = reader.uint32();
    if (tag === 0x0a) {
      const part = skipped(wire);
      resource = readOwner(wire, part, 1).attributes;
    } else if (tag === 0x12) {
      scopes.push(skipped(wire));
    } else {
      reader.skipType(tag & 7);
    }
  }
  for (const part of scopes) yield* readScope(wire, part, resource, signal);
  reader.pos = to;
}

function* readScope(
  wire: Wire,
  part: Part,
  resource: Attributes,
  signal: OtlpSignal,
): Generator<FormatOutcome> {
  const { reader } = wire;
  const records: Part[] = [];
  let scope = '';
  reader.pos = part.from;
  while (reader.pos < part.to) {
    const tag = reader.uint32();
    if (tag === 0x0a) scope = readOwner(wire, skipped(wire), 3).name;
    else if (tag === 0x12) records.push(skipped(wire));
    else reader.skipType(tag & 7);
  }
  const owner = { resource, scope };
  for (const { from, to } of records) {
    reader.pos = from;
    yield { kind: 'record', record: signal.read(wire, to, owner) };
  }
}

/** A request, or several in an array, as Vector's JSON codec sends them. Unknown fields are ignored. */
function* fromJson(request: unknown, signal: OtlpSignal): Generator<FormatOutcome> {
  const [resources, scopes, records] = signal.names;
  for (const one of Array.isArray(request) ? request : [request]) {
    if (!isObject(one)) throw new TypeError('a request is an object');
    for (const group of listOf(one[resources]).map(objectOf)) {
      const resource = plainAttributes(objectOf(group['resource'])['attributes']);
      for (const inner of listOf(group[scopes]).map(objectOf)) {
        const scope = textFrom(objectOf(inner['scope'])['name']);
        for (const record of listOf(inner[records])) {
          yield { kind: 'record', record: signal.fromJson(objectOf(record), { resource, scope }) };
        }
      }
    }
  }
}
