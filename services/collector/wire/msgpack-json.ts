/** A msgpack map as JSON. */
interface MsgpackJson {
  /** The JSON, in ASCII; holds until the next call. */
  readonly bytes: Buffer;
  /** The same, without what may lie behind it. */
  readonly text: string;
  /** One past the map in its body. */
  readonly end: number;
}

/**
 * Rewrites the msgpack map that begins at `from` as JSON without blanks and escapes, without making values of it.
 *
 * @returns `undefined` for what holds more than short texts in ASCII, numbers and truth values, or is none
 */
export type ToJson = (bytes: Buffer, from: number) => MsgpackJson | undefined;

const pairsMax = 64; // an event has fewer fields
const keyBytesMax = 31; // of a text whose length is in its first byte
const textBytesMax = 255; // of one whose length is one more byte
const jsonBytesMax = pairsMax * (keyBytesMax + textBytesMax + '"":"",'.length) + 2;

/** A rewriter with a buffer of its own. */
export function createMsgpackToJson(): ToJson {
  const json = Buffer.alloc(jsonBytesMax);
  let to = 0; // where the next byte goes
  const putText = (bytes: Buffer, from: number, end: number): boolean => {
    if (end > bytes.length) return false;
    let at = to; // a variable of the loop's own is faster than one that is shared
    json[at++] = quote;
    for (let i = from; i < end; i += 1) {
      const byte = bytes[i] ?? 0;
      if (byte < space || byte > tilde || byte === quote || byte === backslash) return false;
      json[at++] = byte;
    }
    json[at++] = quote;
    to = at;
    return true;
  };
  const putWord = (word: string): void => {
    for (let i = 0; i < word.length; i += 1) json[to + i] = word.charCodeAt(i);
    to += word.length;
  };
  const putInteger = (value: number): void => {
    let digits = 1;
    for (let limit = 10; limit <= value; limit *= 10) digits += 1;
    let left = value;
    for (let at = to + digits - 1; at >= to; at -= 1) {
      const rest = Math.floor(left / 10);
      json[at] = zero + (left - rest * 10);
      left = rest;
    }
    to += digits;
  };
  /** @returns one past the value, or -1 */
  const putValue = (bytes: Buffer, at: number): number => {
    const tag = bytes[at] ?? nothing;
    const isShort = (tag & 0xe0) === 0xa0;
    if (isShort || tag === 0xd9) {
      const start = isShort ? at + 1 : at + 2;
      const end = start + (isShort ? tag & 31 : (bytes[at + 1] ?? 0));
      return putText(bytes, start, end) ? end : -1;
    }
    if (tag === 0xc2 || tag === 0xc3) {
      putWord(tag === 0xc3 ? 'true' : 'false');
      return at + 1;
    }
    const length = tag <= 0x7f ? 0 : (numberBytes[tag] ?? -1);
    const end = at + 1 + length;
    if (length < 0 || end > bytes.length) return -1;
    const value = numberAt(bytes, at, tag);
    if (Number.isSafeInteger(value) && value >= 0) putInteger(value);
    else putWord(String(value));
    return end;
  };
  return (bytes, from) => {
    const tag = bytes[from];
    const pairs = tag === 0xde ? ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0) : (tag ?? 0) ^ 0x80;
    if (pairs === 0 || pairs > pairsMax) return undefined;
    to = 0;
    let at = tag === 0xde ? from + 3 : from + 1;
    for (let i = 0; i < pairs; i += 1) {
      json[to++] = i === 0 ? openBrace : comma;
      const keyEnd = at + 1 + ((bytes[at] ?? 0) & 31);
      if (((bytes[at] ?? 0) & 0xe0) !== 0xa0 || !putText(bytes, at + 1, keyEnd)) return undefined;
      json[to++] = colon;
      at = putValue(bytes, keyEnd);
      if (at < 0) return undefined;
    }
    json[to++] = closeBrace;
    return { bytes: json, text: json.toString('latin1', 0, to), end: at };
  };
}

/** Bytes behind the first one of a number; floats of 32 bits and negative numbers are left to others. */
const numberBytes: Readonly<Record<number, number>> = { 203: 8, 204: 1, 205: 2, 206: 4, 207: 8 };

function numberAt(bytes: Buffer, at: number, tag: number): number {
  switch (tag) {
    case 0xcb:
      return bytes.readDoubleBE(at + 1);
    case 0xcc:
      return bytes.readUInt8(at + 1);
    case 0xcd:
      return bytes.readUInt16BE(at + 1);
    case 0xce:
      return bytes.readUInt32BE(at + 1);
    case 0xcf:
      return bytes.readUInt32BE(at + 1) * 2 ** 32 + bytes.readUInt32BE(at + 5);
    default:
      return tag;
  }
}

const nothing = 0xc1; // no value of msgpack begins with it
const space = 32;
const quote = 34;
const comma = 44;
const zero = 48;
const colon = 58;
const backslash = 92;
const openBrace = 123;
const closeBrace = 125;
const tilde = 126;
