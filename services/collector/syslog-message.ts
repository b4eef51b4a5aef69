import { isUtf8 } from 'node:buffer';
import { parseTime } from './event-time.ts';
import { type FormatOutcome, type ReadPlain, type RecordHint, reject } from './formats/format.ts';

// RFC 5424, 6: PRI VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA [SP MSG]
const header5424 = /^<(\d{1,3})>1 (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /;
// RFC 3164, 4.1: PRI "Mmm dd hh:mm:ss" HOSTNAME TAG[pid]: MSG. Some write the year too, or parts of a second, rsyslog an
// RFC 3339 time, and some leave the tag or PRI out. A brace begins JSON and no tag.
const header3164 =
  /^(?:<(\d{1,3})>)?(?:([A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?)|(\d{4}-\d\d-\d\dT\S{8,24})):? (\S{1,255}) (?:([^\s:[\]{}"]{1,64})(?:\[[^\]]{0,64}\])?:? ?)?/;
const priority = /^<(\d{1,3})>/;

/**
 * Reads one syslog message. The record is what MSG says: an object where it is JSON (or begins with `@cee:`), else a
 * line of text; an empty MSG leaves the structured data as the record. Time, host and program go to the hint.
 */
export function parseSyslog(bytes: Buffer, readPlain?: ReadPlain): FormatOutcome {
  if (!isUtf8(bytes)) {
    return reject('the message is not valid UTF-8; send UTF-8', bytes.toString('latin1', 0, 1024));
  }
  const text = bytes.toString('utf8');
  const message = { bytes, text, readPlain };
  const modern = header5424.exec(text);
  if (modern !== null) return read5424(message, modern);
  const classic = header3164.exec(text);
  if (classic !== null) return read3164(message, classic);
  const bare = priority.exec(text);
  if (bare === null && !text.startsWith('{'))
    return reject('the message has no priority <N> at its beginning', text);
  return contentOf(message, bare?.[0].length ?? 0, () => ({}));
}

interface Message {
  readonly bytes: Buffer;
  readonly text: string;
  readonly readPlain: ReadPlain | undefined;
}

function read5424(message: Message, match: RegExpExecArray): FormatOutcome {
  const { text } = message;
  const [whole, , stamp = '', host = '', program = ''] = match;
  const data = readStructuredData(text, whole.length);
  if (data === undefined) return reject('the structured data is damaged', text);
  const from = text.charAt(data.end) === ' ' ? data.end + 1 : data.end;
  const start = text.charAt(from) === '\uFEFF' ? from + 1 : from;
  const hint = () => hintOf({ time: parseTime(stamp) }, host, program);
  if (start >= text.length && Object.keys(data.fields).length > 0) {
    return { kind: 'record', record: data.fields, hint: hint() };
  }
  return contentOf(message, start, hint);
}

function read3164(message: Message, match: RegExpExecArray): FormatOutcome {
  const [whole, , wallTime, stamp, host = '', program = ''] = match;
  return contentOf(message, whole.length, () => hintOf({ time: parseTime(stamp), wallTime }, host, program));
}

function hintOf(
  { time, wallTime }: { readonly time: number | undefined; readonly wallTime?: string | undefined },
  host: string,
  program: string,
): RecordHint {
  const hint: { -readonly [Key in keyof RecordHint]: RecordHint[Key] } = {};
  if (time !== undefined) hint.time = time;
  if (wallTime !== undefined) hint.wallTime = wallTime;
  if (host !== '-' && host !== '') hint.host = host;
  if (program !== '-' && program !== '') hint.stream = program;
  return hint;
}

const cee = /@cee:[ \t]*/y;

function contentOf(message: Message, start: number, hintOf: () => RecordHint): FormatOutcome {
  cee.lastIndex = start;
  const from = cee.test(message.text) ? cee.lastIndex : start;
  const ready = plainContent(message, from);
  if (ready !== undefined) return ready;
  const text = message.text.slice(from).trim();
  if (text === '') return reject('the message is empty', message.text);
  const hint = hintOf();
  if (!text.startsWith('{')) return { kind: 'record', record: text, hint };
  try {
    return { kind: 'record', record: JSON.parse(text), hint, text };
  } catch {
    return { kind: 'record', record: text, hint }; // a line that only looks like JSON
  }
}

/** A native event that is all that the message holds. */
function plainContent({ bytes, text, readPlain }: Message, from: number): FormatOutcome | undefined {
  // Beyond ASCII a position in the text is not the one in the bytes.
  if (readPlain === undefined || text.length !== bytes.length) return undefined;
  const ready = readPlain(bytes, from, text);
  return ready?.end === bytes.length ? { kind: 'ready', event: ready.event } : undefined;
}

interface StructuredData {
  readonly fields: Readonly<Record<string, string>>;
  /** One past the data. */
  readonly end: number;
}

const elementsMax = 64;

/** `-`, or elements `[id name="value" ...]` in which `\"`, `\\` and `\]` are escaped; names get the element's id. */
function readStructuredData(text: string, from: number): StructuredData | undefined {
  if (text.charAt(from) === '-') return { fields: {}, end: from + 1 };
  const fields: Record<string, string> = {};
  let at = from;
  for (let count = 0; text.charAt(at) === '['; count += 1) {
    const element = /\[([^\s="\]]{1,64})/y;
    element.lastIndex = at;
    const opened = element.exec(text);
    if (opened === null || count >= elementsMax) return undefined;
    at = readParameters(text, element.lastIndex, opened[1] ?? '', fields);
    if (at < 0) return undefined;
  }
  return at === from ? undefined : { fields, end: at };
}

/** @returns one past the closing bracket, or -1 */
function readParameters(text: string, from: number, id: string, fields: Record<string, string>): number {
  const parameter = / +([^\s="\]]{1,64})="((?:[^"\\\]]|\\.)*)"/sy;
  parameter.lastIndex = from;
  let at = from;
  for (let found = parameter.exec(text); found !== null; found = parameter.exec(text)) {
    fields[`${id}.${found[1]}`] = (found[2] ?? '').replace(/\\(["\\\]])/g, '$1');
    at = parameter.lastIndex;
  }
  return text.charAt(at) === ']' ? at + 1 : -1;
}
