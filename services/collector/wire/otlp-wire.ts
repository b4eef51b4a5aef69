import protobuf from 'protobufjs/minimal.js';
import { createTextMemo, type TextMemo } from './text-memo.ts';

/** A message in protobuf's wire form. What reads it throws a RangeError or Error where the bytes are damaged. */
export interface Wire {
  readonly reader: protobuf.Reader;
  readonly bytes: Buffer;
  /** Names of attributes, which the many values shall not wear out. */
  readonly keys: TextMemo;
  readonly texts: TextMemo;
}

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

/** The bytes of a message, to be read from their beginning. */
export function wireOf(bytes: Buffer): Wire {
  return { reader: protobuf.Reader.create(bytes), bytes, keys: createTextMemo(), texts: createTextMemo() };
}

/** Reads the length of a nested message and says where it lies; the reader stands at its beginning then. */
export function nested({ reader }: Wire): Part {
  const length = reader.uint32();
  const part = { from: reader.pos, to: reader.pos + length };
  if (part.to > reader.len) throw new RangeError(`a message ends at byte ${part.to}, behind the end`);
  return part;
}

/** Like `nested`, and steps over it. */
export function skipped(wire: Wire): Part {
  const part = nested(wire);
  wire.reader.pos = part.to;
  return part;
}

/** A fixed64 count of nanoseconds as milliseconds with a fraction; 0 stays 0. */
export function milliseconds({ reader }: Wire): number {
  const low = reader.fixed32();
  return (reader.fixed32() * 2 ** 32 + low) / nanosecondsPerMillisecond;
}

/** A trace or span id in lower-case hex. */
export function hexId(wire: Wire): string {
  const { from, to } = skipped(wire);
  return to - from <= 16 ? wire.bytes.toString('hex', from, to) : '';
}

/** A text. */
export function textIn(wire: Wire): string {
  const { from, to } = skipped(wire);
  return wire.texts.read(wire.bytes, from, to);
}

function keyIn(wire: Wire): string {
  const { from, to } = skipped(wire);
  return wire.keys.read(wire.bytes, from, to);
}

/** An int64 as the nearest number. */
function integerIn({ reader, bytes }: Wire): number {
  let value = 0;
  let factor = 1;
  for (let i = 0; i < shortBytesMax; i += 1) {
    const byte = bytes[reader.pos + i] ?? 0x80;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) {
      reader.pos += i + 1;
      return value;
    }
    factor *= 0x80;
  }
  return Number(reader.int64().toString()); // rare: nanoseconds, and what is negative
}

const shortBytesMax = 7; // 49 bits, which a number holds

/** One `KeyValue`, added to `attributes`. */
export function readAttribute(wire: Wire, attributes: Attributes, depth = 0): void {
  const { reader } = wire;
  const { to } = nested(wire);
  let key = '';
  let value: unknown;
  while (reader.pos < to) {
    const tag = reader.uint32();
    if (tag === 0x0a) key = keyIn(wire);
    else if (tag === 0x12) value = readValue(wire, depth);
    else reader.skipType(tag & 7);
  }
  if (key !== '__proto__' && value !== undefined) attributes[key] = value;
}

/** One `AnyValue` as plain JSON: numbers as numbers, bytes in base64, lists and maps nested. */
export function readValue(wire: Wire, depth = 0): unknown {
  const { reader } = wire;
  if (depth > depthMax) throw new RangeError(`values are nested deeper than ${depthMax}`);
  const { to } = nested(wire);
  let value: unknown;
  while (reader.pos < to) {
    const tag = reader.uint32();
    switch (tag >>> 3) {
      case 1:
        value = textIn(wire);
        break;
      case 2:
        value = reader.bool();
        break;
      case 3:
        value = integerIn(wire);
        break;
      case 4:
        value = reader.double();
        break;
      case 5:
        value = readList(wire, depth + 1);
        break;
      case 6:
        value = readMap(wire, depth + 1);
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

function readList(wire: Wire, depth: number): readonly unknown[] {
  const { reader } = wire;
  const { to } = nested(wire);
  const list: unknown[] = [];
  while (reader.pos < to) {
    const tag = reader.uint32();
    if (tag === 0x0a) list.push(readValue(wire, depth));
    else reader.skipType(tag & 7);
  }
  return list;
}

function readMap(wire: Wire, depth: number): Attributes {
  const { reader } = wire;
  const { to } = nested(wire);
  const map: Attributes = {};
  while (reader.pos < to) {
    const tag = reader.uint32();
    if (tag === 0x0a) readAttribute(wire, map, depth);
    else reader.skipType(tag & 7);
  }
  return map;
}

/** A message `Resource` or `InstrumentationScope`: the name (of a scope) and the attributes. */
export function readOwner(
  wire: Wire,
  part: Part,
  attributesField: number,
): { readonly name: string; readonly attributes: Attributes } {
  const { reader } = wire;
  const attributes: Attributes = {};
  let name = '';
  reader.pos = part.from;
  while (reader.pos < part.to) {
    const tag = reader.uint32();
    if (tag >>> 3 === attributesField) readAttribute(wire, attributes);
    else if (tag === 0x0a) name = textIn(wire);
    else reader.skipType(tag & 7);
  }
  return { name, attributes };
}
