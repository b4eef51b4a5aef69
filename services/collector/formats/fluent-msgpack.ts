import { isObject } from '../facts/read.ts';
import { fluentTime, msgpackValues } from '../msgpack.ts';
import { type Format, type FormatOutcome, reject } from './format.ts';

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

function* decodeEntries(body: Buffer): Generator<FormatOutcome> {
  for (const value of msgpackValues(body)) {
    if (value.ok) yield fluentEntry(value.value);
    else
      yield {
        ...reject(`the body is no msgpack: ${value.reason}`, body.toString('base64', 0, 512)),
        isBody: true,
      };
  }
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
