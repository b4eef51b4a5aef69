import { isObject } from '../facts/read.ts';
import { createReadMsgpack, fluentTime, valueEnd } from '../wire/msgpack.ts';
import { createMsgpackToJson } from '../wire/msgpack-json.ts';
import { type Format, type FormatOutcome, type ReadPlain, reject } from './format.ts';

/**
 * What Fluent Bit's http output sends as msgpack, and what a packed forward message holds: entries one after another,
 * `[time, record]` or `[[time, metadata], record]`.
 */
export const fluentMsgpack: Format = {
  name: 'fluent-msgpack',
  summary: 'Fluent Bit and Fluentd entries in msgpack',
  source: 'https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1.5',
  decode: decodeEntries,
};

function* decodeEntries(body: Buffer, readPlain?: ReadPlain): Generator<FormatOutcome> {
  const readValue = createReadMsgpack();
  const readEntry = readPlain === undefined ? () => undefined : createReadEntry(readPlain);
  for (let at = 0; at < body.length; ) {
    const ready = readEntry(body, at);
    if (ready !== undefined) {
      yield { kind: 'ready', event: ready.event };
      at = ready.end;
      continue;
    }
    const value = readValue(body, at);
    if (!value.ok) {
      const sample = body.toString('base64', 0, 512);
      yield { ...reject(`the body is no msgpack: ${value.reason}`, sample), isBody: true };
      return;
    }
    yield fluentEntry(value.value);
    at = value.end;
  }
}

const pairTag = 0x92; // an array of two

/** Entries whose record is a native event with a time of its own; the entry's adds nothing to it. */
function createReadEntry(readPlain: ReadPlain): ReadPlain {
  const toJson = createMsgpackToJson();
  return (body, at) => {
    const recordAt = body[at] === pairTag ? valueEnd(body, at + 1) : undefined;
    const json = recordAt === undefined ? undefined : toJson(body, recordAt);
    if (json === undefined) return undefined;
    const ready = readPlain(json.bytes, 0, json.text);
    return ready?.end === json.text.length ? { event: ready.event, end: json.end } : undefined;
  };
}

/** One entry of any of the forms, or a bare record. */
export function fluentEntry(entry: unknown): FormatOutcome {
  if (isObject(entry)) return { kind: 'record', record: entry };
  if (!Array.isArray(entry) || entry.length < 2 || !isObject(entry[1])) {
    return reject('the entry is not [time, record]', sampleOf(entry));
  }
  const [stamp, record] = entry;
  const time = fluentTime(Array.isArray(stamp) ? stamp[0] : stamp);
  return { kind: 'record', record, ...(time === undefined ? {} : { hint: { time } }) };
}

function sampleOf(entry: unknown): string {
  return Array.isArray(entry) ? `an array of ${entry.length}` : typeof entry;
}
