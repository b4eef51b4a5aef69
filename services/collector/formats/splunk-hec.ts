import { parseTime } from '../event-time.ts';
import { isObject, type JsonObject } from '../facts/read.ts';
import { isAt, plainDecimal, plainText } from '../wire/plain-json.ts';
import {
  type Format,
  type FormatOutcome,
  type ReadPlain,
  type ReadyEvent,
  type RecordHint,
  reject,
} from './format.ts';
import { native } from './native.ts';

/**
 * Splunk's HTTP Event Collector: envelopes one after another, each with an `event` that is an object or a text, and
 * `time` in seconds, as a number or as text.
 */
export const splunkHec: Format = {
  name: 'splunk-hec',
  summary: 'Splunk HTTP Event Collector events',
  source: 'https://help.splunk.com: Format events for HTTP Event Collector',
  decode: decodeHec,
};

/** Reasons for which Splunk has codes of their own. */
export const missingEvent = 'event: missing';
export const blankEvent = 'event: blank';

function* decodeHec(body: Buffer, readPlain?: ReadPlain): Generator<FormatOutcome> {
  const readEnvelope: ReadPlain | undefined =
    readPlain === undefined ? undefined : (bytes, from) => plainEnvelope(bytes, from, readPlain);
  for (const outcome of native.decode(body, readEnvelope)) {
    yield outcome.kind === 'record' ? openEnvelope(outcome.record) : outcome;
  }
}

const eventKey = Buffer.from('"event":');
/** What the envelope of a native event may hold beside it; it adds nothing to one that has a time of its own. */
const envelopeFields = [
  ...['host', 'source', 'sourcetype', 'index', 'time'].map((name) => ({ name, plainEnd: plainText })),
  { name: 'time', plainEnd: plainDecimal(Number.MAX_SAFE_INTEGER) },
].map(({ name, plainEnd }) => ({ key: Buffer.from(`"${name}":`), plainEnd }));

/** An envelope around a native event, both without blanks, where it lies. */
function plainEnvelope(bytes: Buffer, from: number, readPlain: ReadPlain): ReturnType<ReadPlain> {
  if (bytes[from] !== openBrace) return undefined;
  let event: ReadyEvent | undefined;
  for (let at = from + 1; ; at += 1) {
    if (isAt(bytes, at, eventKey)) {
      const found = event === undefined ? readPlain(bytes, at + eventKey.length) : undefined;
      if (found === undefined) return undefined;
      event = found.event;
      at = found.end;
    } else {
      at = envelopeFieldEnd(bytes, at);
    }
    if (bytes[at] === closeBrace) return event === undefined ? undefined : { event, end: at + 1 };
    if (at < 0 || bytes[at] !== comma) return undefined;
  }
}

function envelopeFieldEnd(bytes: Buffer, at: number): number {
  for (const { key, plainEnd } of envelopeFields) {
    const end = isAt(bytes, at, key) ? plainEnd(bytes, at + key.length) : -1;
    if (end >= 0) return end;
  }
  return -1;
}

const comma = 44;
const openBrace = 123;
const closeBrace = 125;

function openEnvelope(envelope: unknown): FormatOutcome {
  if (!isObject(envelope)) return reject('the envelope is not an object', JSON.stringify(envelope) ?? '');
  const { event } = envelope;
  if (event === undefined || event === null) return reject(missingEvent, sampleOf(envelope));
  if (event === '') return reject(blankEvent, sampleOf(envelope));
  return { kind: 'record', record: contentOf(event, envelope['fields']), hint: hintOf(envelope) };
}

/** A text that is JSON counts as what it says; `fields` belong to the event, which has the last word. */
function contentOf(event: unknown, fields: unknown): unknown {
  const content = typeof event === 'string' && event.startsWith('{') ? parsed(event) : event;
  return isObject(content) && isObject(fields) ? { ...fields, ...content } : content;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // a line that only looks like JSON
  }
}

function hintOf(envelope: JsonObject): RecordHint {
  const time = parseTime(envelope['time']);
  const { host } = envelope;
  const stream = envelope['sourcetype'] ?? envelope['source'] ?? envelope['index'];
  return {
    ...(time === undefined ? {} : { time }),
    ...(typeof host === 'string' && host !== '' ? { host } : {}),
    ...(typeof stream === 'string' && stream !== '' ? { stream } : {}),
  };
}

function sampleOf(envelope: JsonObject): string {
  return `keys: ${Object.keys(envelope).slice(0, 20).join(', ')}`;
}
