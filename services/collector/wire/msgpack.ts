import { messageOf } from '#shared/errors.ts';
import { createTextMemo, type TextMemo } from './text-memo.ts';

/** An extension value that has no meaning here, or Fluent's EventTime (type 0). */
export class Extension {
  readonly type: number;
  readonly data: Buffer;

  constructor(type: number, data: Buffer) {
    this.type = type;
    this.data = data;
  }
}

/** A value, or why the bytes hold none; nothing follows a failure. */
export type MsgpackValue =
  | { readonly ok: true; readonly value: unknown; readonly end: number }
  | { readonly ok: false; readonly reason: string };

/** Containers within containers; a log record is flat, and a deep one is an attack on the stack. */
const depthMax = 64;

/** Reads the value that begins at `from`. Never throws. */
export type ReadMsgpack = (bytes: Buffer, from: number) => MsgpackValue;

/**
 * A reader for the values of one body, which have the same keys and words over and over. Texts are UTF-8; binary stays
 * a Buffer; integers beyond 2^53 become the nearest number; map keys become texts, `__proto__` among them is left out.
 *
 * @source https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export function createReadMsgpack(): ReadMsgpack {
  // Keys have a memory of their own, which the many values do not wear out.
  const memos = { keys: createTextMemo(), texts: createTextMemo() };
  return (bytes, from) => {
    const cursor = { bytes, ...memos, at: from };
    try {
      return { ok: true, value: readValue(cursor, 0), end: cursor.at };
    } catch (error) {
      return { ok: false, reason: messageOf(error).slice(0, 200) };
    }
  };
}

/** Reads one value of a body that holds no other. Never throws. */
export function readMsgpack(bytes: Buffer, from: number): MsgpackValue {
  return createReadMsgpack()(bytes, from);
}

/**
 * Time of a Fluent entry in UTC milliseconds: whole seconds, or an EventTime of seconds and nanoseconds.
 *
 * @source Fluent forward protocol v1.5, EventTime Ext Format
 */
export function fluentTime(value: unknown): number | undefined {
  if (typeof value === 'number' && value >= 0) return Math.floor(value * 1000);
  const isEventTime = value instanceof Extension && value.type === 0 && value.data.length === 8;
  if (!isEventTime) return undefined;
  return value.data.readUInt32BE(0) * 1000 + Math.floor(value.data.readUInt32BE(4) / 1e6);
}

interface Cursor {
  readonly bytes: Buffer;
  readonly keys: TextMemo;
  readonly texts: TextMemo;
  at: number;
}

/** The most frequent forms are read at once; `headOf` knows the others. */
function readValue(cursor: Cursor, depth: number): unknown {
  if (depth > depthMax) throw new RangeError(`values are nested deeper than ${depthMax}`);
  const { bytes, at } = cursor;
  const tag = bytes[at];
  if (tag === undefined) throw new RangeError(endsWithin);
  if (tag <= 0x7f || tag >= 0xe0) {
    cursor.at = at + 1;
    return tag <= 0x7f ? tag : tag - 256;
  }
  if (tag <= 0x9f) {
    cursor.at = at + 1;
    return tag <= 0x8f ? readMap(cursor, tag & 15, depth + 1) : readArray(cursor, tag & 15, depth + 1);
  }
  if (tag <= 0xbf) return readText(cursor, at + 1, tag & 31);
  if (tag === 0xd9) return readText(cursor, at + 2, bytes[at + 1] ?? bytes.length);
  const payload = tag <= 0xc3 ? 0 : scalarPayloads[tag];
  if (payload === undefined) return readSized(cursor, tag, depth);
  const end = at + 1 + payload;
  if (end > bytes.length) throw new RangeError(endsWithin);
  cursor.at = end;
  return scalarOf(bytes, tag, at + 1);
}

const endsWithin = 'it ends within a value';

function readText(cursor: Cursor, start: number, length: number, texts = cursor.texts): string {
  const { bytes } = cursor;
  const end = start + length;
  if (end > bytes.length) throw new RangeError(endsWithin);
  cursor.at = end;
  return texts.read(bytes, start, end);
}

function readKey(cursor: Cursor, depth: number): unknown {
  const tag = cursor.bytes[cursor.at] ?? 0;
  return tag > 0xa0 && tag <= 0xbf
    ? readText(cursor, cursor.at + 1, tag & 31, cursor.keys)
    : readValue(cursor, depth);
}

/** What a value's first byte says: bytes that follow, values that follow, and how to read it. */
function readSized(cursor: Cursor, tag: number, depth: number): unknown {
  const { bytes } = cursor;
  const head = headOf(bytes, cursor.at);
  if (head === undefined) throw new RangeError(endsWithin);
  const start = cursor.at + head.size;
  const end = start + head.payload;
  if (end > bytes.length) throw new RangeError(endsWithin);
  cursor.at = end;
  switch (head.kind) {
    case 'text':
      return bytes.toString('utf8', start, end);
    case 'binary':
      return bytes.subarray(start, end);
    case 'extension':
      return new Extension(bytes.readInt8(start - 1), bytes.subarray(start, end));
    case 'array':
      return readArray(cursor, head.items, depth + 1);
    case 'map':
      return readMap(cursor, head.items / 2, depth + 1);
    case 'scalar':
      return scalarOf(bytes, tag, start);
    default:
      return head.kind satisfies never;
  }
}

function readArray(cursor: Cursor, items: number, depth: number): readonly unknown[] {
  const list: unknown[] = [];
  for (let i = 0; i < items; i += 1) list.push(readValue(cursor, depth));
  return list;
}

function readMap(cursor: Cursor, pairs: number, depth: number): Readonly<Record<string, unknown>> {
  const map: Record<string, unknown> = {};
  for (let i = 0; i < pairs; i += 1) {
    const key = readKey(cursor, depth);
    const value = readValue(cursor, depth);
    const name = Buffer.isBuffer(key) ? key.toString('utf8') : typeof key === 'object' ? '' : String(key);
    // Some shippers send texts as binary.
    if (name !== '__proto__') map[name] = Buffer.isBuffer(value) ? value.toString('utf8') : value;
  }
  return map;
}

function scalarOf(bytes: Buffer, tag: number, start: number): unknown {
  if (tag <= 0x7f) return tag;
  if (tag >= 0xe0) return tag - 256;
  switch (tag) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xca:
      return bytes.readFloatBE(start);
    case 0xcb:
      return bytes.readDoubleBE(start);
    case 0xcc:
      return bytes.readUInt8(start);
    case 0xcd:
      return bytes.readUInt16BE(start);
    case 0xce:
      return bytes.readUInt32BE(start);
    case 0xcf:
      return Number(bytes.readBigUInt64BE(start));
    case 0xd0:
      return bytes.readInt8(start);
    case 0xd1:
      return bytes.readInt16BE(start);
    case 0xd2:
      return bytes.readInt32BE(start);
    case 0xd3:
      return Number(bytes.readBigInt64BE(start));
    default:
      throw new RangeError(`byte 0x${tag.toString(16)} begins no value`);
  }
}

interface Head {
  readonly kind: 'scalar' | 'text' | 'binary' | 'extension' | 'array' | 'map';
  /** Bytes before the payload. */
  readonly size: number;
  /** Bytes of the value itself. */
  readonly payload: number;
  /** Values within it. */
  readonly items: number;
}

const scalarPayloads: Readonly<Record<number, number>> = {
  202: 4, // float 32
  203: 8, // float 64
  204: 1, // unsigned integers
  205: 2,
  206: 4,
  207: 8,
  208: 1, // signed integers
  209: 2,
  210: 4,
  211: 8,
};

/** The kinds whose length follows their first byte, from the tag of their shortest form. */
const sized = [
  { kind: 'binary', first: 0xc4, widths: [1, 2, 4] },
  { kind: 'extension', first: 0xc7, widths: [1, 2, 4] },
  { kind: 'text', first: 0xd9, widths: [1, 2, 4] },
  { kind: 'array', first: 0xdc, widths: [2, 4] },
  { kind: 'map', first: 0xde, widths: [2, 4] },
] as const;

/** The first bytes of the value at `at`; `undefined` where they are not all there yet. */
function headOf(bytes: Buffer, at: number): Head | undefined {
  const tag = bytes[at];
  if (tag === undefined) return undefined;
  if (tag <= 0x7f || tag >= 0xe0) return { kind: 'scalar', size: 1, payload: 0, items: 0 };
  if (tag <= 0x8f) return { kind: 'map', size: 1, payload: 0, items: (tag & 15) * 2 };
  if (tag <= 0x9f) return { kind: 'array', size: 1, payload: 0, items: tag & 15 };
  if (tag <= 0xbf) return { kind: 'text', size: 1, payload: tag & 31, items: 0 };
  if (tag >= 0xd4 && tag <= 0xd8) return { kind: 'extension', size: 2, payload: 1 << (tag - 0xd4), items: 0 };
  const scalar = scalarPayloads[tag];
  if (scalar !== undefined) return { kind: 'scalar', size: 1, payload: scalar, items: 0 };
  for (const { kind, first, widths } of sized) {
    const width = widths[tag - first];
    if (width === undefined) continue;
    if (at + 1 + width > bytes.length) return undefined;
    const length = bytes.readUIntBE(at + 1, width);
    if (kind === 'array') return { kind, size: 1 + width, payload: 0, items: length };
    if (kind === 'map') return { kind, size: 1 + width, payload: 0, items: length * 2 };
    return { kind, size: 1 + width + (kind === 'extension' ? 1 : 0), payload: length, items: 0 };
  }
  return { kind: 'scalar', size: 1, payload: 0, items: 0 };
}

/** One past the value that begins at `from`; `undefined` where it is not whole. */
export function valueEnd(bytes: Buffer, from: number): number | undefined {
  let at = from;
  for (let outstanding = 1; outstanding > 0; ) {
    const head = headOf(bytes, at);
    if (head === undefined || at + head.size + head.payload > bytes.length) return undefined;
    at += head.size + head.payload;
    outstanding += head.items - 1;
  }
  return at;
}

/** The bytes within the text or binary value that begins at `from`; empty where it is not whole. */
export function payloadAt(bytes: Buffer, from: number): Buffer {
  const { size, payload } = headOf(bytes, from) ?? { size: 0, payload: 0 };
  return bytes.subarray(from + size, from + size + payload);
}

/** Where the first item of the list or map that begins at `from` lies; `from` itself where it is cut off. */
export function firstItemAt(bytes: Buffer, from: number): number {
  return from + (headOf(bytes, from)?.size ?? 0);
}

/** Finds where one message of a stream ends, however the network cuts it: each byte is looked at once. */
export interface MessageEnd {
  /** Looks at the stream's unread bytes, which begin where the message does; `undefined` while it is not whole. */
  readonly find: (bytes: Buffer) => number | undefined;
}

/** @example messageEnd().find(Buffer.from([0x92, 1, 2, 9])); // => 3 */
export function messageEnd(): MessageEnd {
  let at = 0;
  let outstanding = 1;
  return {
    find: (bytes) => {
      while (outstanding > 0) {
        const head = headOf(bytes, at);
        if (head === undefined || at + head.size + head.payload > bytes.length) return undefined;
        at += head.size + head.payload;
        outstanding += head.items - 1;
      }
      return at;
    },
  };
}
