import { eventLimits } from '#shared/event.ts';

/**
 * Finds the end of a JSON value that lies in the bytes exactly as an event holds it: without an escape, and in the
 * one form that every reader of the log takes.
 *
 * @param from position of the value's first byte
 * @returns one past the value's last byte, or -1 where the value is of another kind, form or size
 */
export type PlainEnd = (bytes: Buffer, from: number) => number;

const none = -1;
const quote = 34;
const comma = 44;
const point = 46;
const zero = 48;
const nine = 57;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const spaceCode = 32;
const integerDigitsMax = 16;
const fractionDigitsMax = 12;

/** A text of 1 to 512 bytes, which are no fewer than its characters. */
export function plainText(bytes: Buffer, from: number): number {
  if (bytes[from] !== quote) return none;
  const limit = Math.min(bytes.length, from + 2 + eventLimits.textCharactersMax);
  for (let i = from + 1; i < limit; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === quote) return i === from + 1 ? none : i + 1;
    if (byte < spaceCode || byte === backslash) return none;
  }
  return none;
}

/** Digits alone, at most `maximum`: neither sign nor exponent, and no zero before another digit. */
export function plainInteger(maximum: number, minimum = 0): PlainEnd {
  return (bytes, from) => {
    const end = digitsEnd(bytes, from, integerDigitsMax);
    if (end === none || (bytes[from] === zero && end > from + 1)) return none;
    const value = integerAt(bytes, from, end);
    return value >= minimum && value <= maximum ? end : none;
  };
}

/** The number that the digits from `from` to `end` write. */
export function integerAt(bytes: Buffer, from: number, end: number): number {
  let value = 0;
  for (let i = from; i < end; i += 1) value = value * 10 + ((bytes[i] ?? zero) - zero);
  return value;
}

/** Like `plainInteger`, or with digits behind a point. */
export function plainDecimal(maximum: number): PlainEnd {
  const integer = plainInteger(maximum - 1); // less, since a fraction may follow
  return (bytes, from) => {
    const end = integer(bytes, from);
    return end !== none && bytes[end] === point ? digitsEnd(bytes, end + 1, fractionDigitsMax) : end;
  };
}

/** One of a few words; without quotes where `words` have none. */
export function plainWord(words: readonly string[]): PlainEnd {
  const spellings = words.map((word) => Buffer.from(word));
  return (bytes, from) => {
    for (const spelling of spellings) if (isAt(bytes, from, spelling)) return from + spelling.length;
    return none;
  };
}

/** A list of up to `itemsMax` texts, at least one, without blanks. */
export function plainTexts(itemsMax: number): PlainEnd {
  return (bytes, from) => {
    if (bytes[from] !== openBracket) return none;
    let at = from;
    for (let count = 0; count < itemsMax; count += 1) {
      at = plainText(bytes, at + 1);
      if (at === none || bytes[at] === closeBracket) return at === none ? none : at + 1;
      if (bytes[at] !== comma) return none;
    }
    return none;
  };
}

/** Whether `expected` lies in the bytes at `from`. */
export function isAt(bytes: Buffer, from: number, expected: Buffer): boolean {
  if (from + expected.length > bytes.length) return false;
  for (let i = 0; i < expected.length; i += 1) if (bytes[from + i] !== expected[i]) return false;
  return true;
}

function digitsEnd(bytes: Buffer, from: number, digitsMax: number): number {
  const limit = Math.min(bytes.length, from + digitsMax + 1);
  let i = from;
  for (; i < limit; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte < zero || byte > nine) break;
  }
  return i === from || i > from + digitsMax ? none : i;
}
