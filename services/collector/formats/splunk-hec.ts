import { parseTime } from '../event-time.ts';
import { isObject, type JsonObject } from '../facts/read.ts';
import { type Format, type FormatOutcome, type RecordHint, reject } from './format.ts';
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

function* decodeHec(body: Buffer): Generator<FormatOutcome> {
  for (const outcome of native.decode(body)) {
    yield outcome.kind === 'reject' ? outcome : openEnvelope(outcome.record);
  }
}

function openEnvelope(envelope: unknown): FormatOutcome {
  if (!isObject(envelope)) return reject('the envelope is not an object', JSON.stringify(envelope) ?? '');
  const { event } = envelope;
  if (event === undefined || event === null) return reject('event: missing', sampleOf(envelope));
  if (event === '') return reject('event: blank', sampleOf(envelope));
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
