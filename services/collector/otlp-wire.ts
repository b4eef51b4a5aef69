import protobuf from 'protobufjs/minimal.js';

/** Reads protobuf's wire form; throws a RangeError or Error where the bytes are damaged. */
export type WireReader = protobuf.Reader;

/** Plain values by attribute name. */
export type Attributes = Record<string, unknown>;

/** Where a nested message lies. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

// Lists within lists within an attribute: no convention nests deeper than three.
const depthMax = 16;
const nanosecondsPerMillisecond = 1e6;

/** A reader over the bytes of a message. */
export function wireReader(bytes: Buffer): WireReader {
  return protobuf.Reader.create(bytes);
}

/** Reads the length of a nested message and says where it lies; the reader stands at its beginning then. */
export function nested(reader: WireReader): Part {
  const length = reader.uint32();
  const part = { from: reader.pos, to: reader.pos + length };
  if (part.to > reader.len) throw new RangeError(`a message ends at byte ${part.to}, behind the end`);
  return part;
}

/** Like `nested`, and steps over it. */
export function skipped(reader: WireReader): Part {
  const part = nested(reader);
  reader.pos = part.to;
  return part;
}

/** A fixed64 count of nanoseconds as milliseconds with a fraction; 0 stays 0. */
export function milliseconds(reader: WireReader): number {
  const low = reader.fixed32();
  return (reader.fixed32() * 2 ** 32 + low) / nanosecondsPerMillisecond;
}

/** A trace or span id in lower-case hex. */
export function hexId(reader: WireReader): string {
  const bytes = reader.bytes() as Buffer;
  return bytes.length <= 16 ? bytes.toString('hex') : '';
}

/** One `KeyValue`, added to `attributes`. */
export function readAttribute(reader: WireReader, attributes: Attributes, depth = 0): void {
  const { to } = nested(reader);
  let key = '';
  let value: unknown;
  while (reader.pos < to) {
    const tag = reader.uint32();
    if (tag === 0x0a) key = reader.string();
    else if (tag === 0x12) value = readValue(reader, depth);
    else reader.skipType(tag & 7);
  }
  if (key !== '__proto__' && value !== undefined) attributes[key] = value;
}

/** One `AnyValue` as plain JSON: numbers as numbers, bytes in base64, lists and maps nested. */
export function readValue(reader: WireReader, depth = 0): unknown {
  if (depth > depthMax) throw new RangeError(`values are nested deeper than ${depthMax}`);
  const { to } = nested(reader);
  let value: unknown;
  while (reader.pos < to) {
    const tag = reader.uint32();
    switch (tag >>> 3) {
      case 1:
        value = reader.string();
        break;
      case 2:
        value = reader.bool();
        break;
      case 3:
        value = Number(reader.int64().toString());
        break;
      case 4:
        value = reader.double();
        break;
      case 5:
        value = readList(reader, depth + 1);
        break;
      case 6:
        value = readMap(reader, depth + 1);
        break;
      case 7:
        value = (reader.bytes() as Buffer).toString('base64');
        break;
      default:
        reader.skipType(tag & 7);
    }
  }
  return value;
}

function readList(reader: WireReader, depth: number): readonly unknown[] {
  const { to } = nested(reader);
  const list: unknown[] = [];
  while (reader.pos < to) {
    const tag = reader.uint32();
    if (tag === 0x0a) list.push(readValue(reader, depth));
    else reader.skipType(tag & 7);
  }
  return list;
}

function readMap(reader: WireReader, depth: number): Attributes {
  const { to } = nested(reader);
  const map: Attributes = {};
  while (reader.pos < to) {
    const tag = reader.uint32();
    if (tag === 0x0a) readAttribute(reader, map, depth);
    else reader.skipType(tag & 7);
  }
  return map;
}

/** A message `Resource` or `InstrumentationScope`: the name (of a scope) and the attributes. */
export function readOwner(
  reader: WireReader,
  part: Part,
  attributesField: number,
): { readonly name: string; readonly attributes: Attributes } {
  const attributes: Attributes = {};
  let name = '';
  reader.pos = part.from;
  while (reader.pos < part.to) {
    const tag = reader.uint32();
    if (tag >>> 3 === attributesField) readAttribute(reader, attributes);
    else if (tag === 0x0a) name = reader.string();
    else reader.skipType(tag & 7);
  }
  return { name, attributes };
}
