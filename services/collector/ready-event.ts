import { isAscii } from 'node:buffer';
import { fieldRules } from './event-fields.ts';
import { dialectOf, isOtlpLog } from './facts/otel.ts';
import { isObject } from './facts/read.ts';
import type { FormatOutcome, ReadPlain, ReadyEvent } from './formats/format.ts';
import { createReadPlainEvent } from './plain-event.ts';
import type { RecordContext } from './records.ts';

/** Makes the event of a record that needs nothing but what the collector adds; `undefined` for every other record. */
export type ReadRecord = (outcome: Extract<FormatOutcome, { kind: 'record' }>) => ReadyEvent | undefined;

/** The short way of one delivery, for parsed records and for bytes. */
interface ReadReady {
  readonly record: ReadRecord;
  readonly plain: ReadPlain;
}

const noShortWay: ReadReady = { record: () => undefined, plain: () => undefined };

/**
 * The short way of one delivery. Most records are native events with nothing but right fields in the right form: their
 * own JSON is the event's but for what the collector knows, so neither an object is built nor written as text again.
 * `normalize` decides about all others, and says the same about these.
 */
export function createReadReady(context: RecordContext): ReadReady {
  const { receivedAt, sender, timeMax } = context;
  const shipper = sender.shipper === null ? {} : { shipper: sender.shipper };
  const known = JSON.stringify({ received_at: receivedAt, space: sender.space ?? 'default', ...shipper });
  const middle = `",${known.slice(1, -1)},`;
  const written = (own: string, time: number) => `{"id":"${context.nextId(time)}${middle}${own}`;
  if (context.hasOwnSchemas || context.mapContext.hashResources) return noShortWay;
  const isAllowed = (source: string, time: number) => time <= timeMax && sender.maySpeakFor(source);
  const readPlainEvent = createReadPlainEvent();
  const textOf = createTextOf();
  const read = (record: unknown, text: string | undefined): ReadyEvent | undefined => {
    if (!isObject(record)) return undefined;
    const length = shortestLength(record);
    if (length === undefined) return undefined;
    const { source, destination, time } = record;
    if (typeof source !== 'string' || typeof destination !== 'string' || typeof time !== 'number')
      return undefined;
    if (!isAllowed(source, time)) return undefined;
    const own = length === text?.length ? text : JSON.stringify(record);
    return { source, destination, time, value: written(own.slice(1), time) };
  };
  return {
    record: ({ record, hint, text }) => {
      if (hint !== undefined && (hint.schema !== undefined || hint.id !== undefined)) return undefined;
      const body = bodyOf(record);
      return body === undefined ? read(record, text) : read(parsed(body), body);
    },
    plain: (bytes, from, text) => {
      const found = readPlainEvent(bytes, from);
      if (found === undefined || !isAllowed(found.source, found.time)) return undefined;
      const { source, destination, time, end } = found;
      const value = written(text?.slice(from + 1, end) ?? textOf(bytes, from + 1, end), time);
      return { event: { source, destination, time, value }, end };
    },
  };
}

/** Parts of a body as text: of a body in ASCII they are cut from its whole text, which copies nothing. */
function createTextOf(): (bytes: Buffer, from: number, end: number) => string {
  let of: Buffer | undefined;
  let whole: string | undefined;
  return (bytes, from, end) => {
    if (of !== bytes) {
      of = bytes;
      whole = isAscii(bytes) ? bytes.toString('latin1') : undefined;
    }
    return whole?.slice(from, end) ?? bytes.toString('utf8', from, end);
  };
}

/** The text of an OTLP log record that may be a native event; the record's other fields add nothing to one. */
function bodyOf(record: unknown): string | undefined {
  if (!isOtlpLog(record) || dialectOf(record.attributes) !== 'call') return undefined;
  const { body } = record;
  if (typeof body !== 'string' || !body.startsWith('{')) return undefined;
  return body.includes('"source"') && body.includes('"destination"') ? body : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a line that only looks like JSON
  }
}

/**
 * Characters of the record's JSON without blanks, escapes and repeated keys: a text of this length has none of them,
 * since each would make it longer. NaN where a text of another form may be as short.
 *
 * @returns `undefined` when a field is not as the event holds it
 */
function shortestLength(record: Readonly<Record<string, unknown>>): number | undefined {
  let length = 1; // both braces, less the comma that the last field does not have
  for (const key in record) {
    const value = record[key];
    if (value === '' || fieldRules.get(key)?.read(value) !== value || value === undefined) return undefined;
    length += key.length + 4; // two quotes, a colon, a comma
    if (typeof value === 'string') length += value.length + 2;
    else if (typeof value === 'number') length += numberLength(value);
    else if (typeof value === 'boolean') length += value ? 4 : 5;
    else length += Number.NaN;
  }
  return length;
}

/**
 * Only with an exponent can a number be written as short as, or shorter than, JavaScript does: `1e2` and `1e-2`. A
 * store that wants a whole number does not take that form.
 */
function numberLength(value: number): number {
  if (!Number.isInteger(value)) return value < 0.1 ? Number.NaN : String(value).length;
  if (value % 100 === 0 && value !== 0) return Number.NaN;
  let digits = 1;
  for (let limit = 10; limit <= value; limit *= 10) digits += 1;
  return digits;
}
