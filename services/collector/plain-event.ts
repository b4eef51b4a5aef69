import { fieldRules } from './event-fields.ts';
import { integerAt, isAt, type PlainEnd } from './wire/plain-json.ts';
import { createTextMemo } from './wire/text-memo.ts';

/** A native event that lies in a body as it may lie in the log: nothing in it needs a change or a reason. */
interface PlainEvent {
  readonly source: string;
  readonly destination: string;
  /** UTC milliseconds. */
  readonly time: number;
  /** One past its closing brace. */
  readonly end: number;
}

/**
 * Reads the native event that begins at `from`; `undefined` for everything else, of which others judge.
 *
 * @param bytes UTF-8; what is none becomes a replacement character
 */
export type ReadPlainEvent = (bytes: Buffer, from: number) => PlainEvent | undefined;

interface Field {
  readonly index: number;
  /** `"name":` */
  readonly key: Buffer;
  readonly plainEnd: PlainEnd;
}

const fields: readonly Field[] = [...fieldRules].map(([name, { plainEnd }], index) => ({
  index,
  key: Buffer.from(`"${name}":`),
  plainEnd,
}));
const indexOf = (name: string) => [...fieldRules.keys()].indexOf(name);
const [sourceIndex, destinationIndex, timeIndex] = [
  indexOf('source'),
  indexOf('destination'),
  indexOf('time'),
];
const none = fields.length; // stands for the field before the first one

/**
 * A reader for the bodies of one delivery. It goes over each byte once and makes neither an object nor a text but the
 * names of both ends. The records of a sender have the same fields in the same order, so the field that followed the
 * last time is tried first.
 */
export function createReadPlainEvent(): ReadPlainEvent {
  const texts = createTextMemo();
  const following: (Field | undefined)[] = new Array(fields.length + 1);
  const starts = new Int32Array(fields.length);
  const ends = new Int32Array(fields.length);
  const turns = new Int32Array(fields.length); // in which record the field was last seen
  let turn = 0;
  const fieldAt = (bytes: Buffer, at: number, previous: number): Field | undefined => {
    const guess = following[previous];
    if (guess !== undefined && isAt(bytes, at, guess.key)) return guess;
    const field = fields.find(({ key }) => isAt(bytes, at, key));
    if (field !== undefined) following[previous] = field;
    return field;
  };
  const readFields = (bytes: Buffer, from: number): number => {
    for (let at = from + 1, previous = none; ; at += 1) {
      const field = fieldAt(bytes, at, previous);
      // Of two equal keys the last one counts: whoever reads the log should not have to know.
      if (field === undefined || turns[field.index] === turn) return -1;
      previous = field.index;
      const start = at + field.key.length;
      at = field.plainEnd(bytes, start);
      if (at < 0) return -1;
      turns[previous] = turn;
      starts[previous] = start;
      ends[previous] = at;
      if (bytes[at] === closeBrace) return at + 1;
      if (bytes[at] !== comma) return -1;
    }
  };
  const textOf = (bytes: Buffer, index: number) =>
    texts.read(bytes, (starts[index] ?? 0) + 1, (ends[index] ?? 0) - 1);
  return (bytes, from) => {
    if (bytes[from] !== openBrace) return undefined;
    turn = (turn + 1) | 0;
    const end = readFields(bytes, from);
    const isWhole =
      end > 0 && turns[sourceIndex] === turn && turns[destinationIndex] === turn && turns[timeIndex] === turn;
    if (!isWhole) return undefined;
    return {
      source: textOf(bytes, sourceIndex),
      destination: textOf(bytes, destinationIndex),
      time: integerAt(bytes, starts[timeIndex] ?? 0, ends[timeIndex] ?? 0),
      end,
    };
  };
}

const comma = 44;
const openBrace = 123;
const closeBrace = 125;
