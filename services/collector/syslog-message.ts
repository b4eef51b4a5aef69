import { isUtf8 } from 'node:buffer';
import { parseTime } from './event-time.ts';
import { type FormatOutcome, type RecordHint, reject } from './formats/format.ts';

// RFC 5424, 6: PRI VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA [SP MSG]
const header5424 = /^<(\d{1,3})>1 (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /;
// RFC 3164, 4.1: PRI "Mmm dd hh:mm:ss" HOSTNAME TAG[pid]: MSG; rsyslog also writes an RFC 3339 time here.
const header3164 =
  /^<(\d{1,3})>(?:([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d)|(\d{4}-\d\d-\d\dT\S{8,24})) (\S{1,255}) ([^\s:[\]]{1,64})(?:\[[^\]]{0,64}\])?:? ?/;
const priority = /^<(\d{1,3})>/;

/**
 * Reads one syslog message. The record is what MSG says: an object where it is JSON (or begins with `@cee:`), else a
 * line of text; an empty MSG leaves the structured data as the record. Time, host and program go to the hint.
 */
export function parseSyslog(message: Buffer): FormatOutcome {
  if (!isUtf8(message)) {
    return reject('the message is not valid UTF-8; send UTF-8', message.toString('latin1', 0, 1024));
  }
  const text = message.toString('utf8');
  const modern = header5424.exec(text);
  if (modern !== null) return read5424(text, modern);
  const classic = header3164.exec(text);
  if (classic !== null) return read3164(text, classic);
  const bare = priority.exec(text);
  if (bare === null) return reject('the message has no priority <N> at its beginning', text);
  return contentOf(text.slice(bare[0].length), {});
}

function read5424(text: string, match: RegExpExecArray): FormatOutcome {
  const [whole, , stamp = '', host = '', program = ''] = match;
  const data = readStructuredData(text, whole.length);
  if (data === undefined) return reject('the structured data is damaged', text);
  const from = text.charAt(data.end) === ' ' ? data.end + 1 : data.end;
  const content = text.slice(text.charAt(from) === '\uFEFF' ? from + 1 : from);
  const hint = hintOf(parseTime(stamp), host, program);
  if (content === '' && Object.keys(data.fields).length > 0) {
    return { kind: 'record', record: data.fields, hint };
  }
  return contentOf(content, hint);
}

function read3164(text: string, match: RegExpExecArray): FormatOutcome {
  const [whole, , month, day, clock, stamp, host = '', program = ''] = match;
  // RFC 3164 has neither year nor zone: such a time says less than when it came, and is left out.
  const time = stamp === undefined || (month && day && clock) ? undefined : parseTime(stamp);
  return contentOf(text.slice(whole.length), hintOf(time, host, program));
}

function hintOf(time: number | undefined, host: string, program: string): RecordHint {
  const hint: { -readonly [Key in keyof RecordHint]: RecordHint[Key] } = {};
  if (time !== undefined) hint.time = time;
  if (host !== '-' && host !== '') hint.host = host;
  if (program !== '-' && program !== '') hint.stream = program;
  return hint;
}

function contentOf(content: string, hint: RecordHint): FormatOutcome {
  const text = (content.startsWith('@cee:') ? content.slice('@cee:'.length) : content).trim();
  if (text === '') return reject('the message is empty', content);
  if (!text.startsWith('{')) return { kind: 'record', record: text, hint };
  try {
    return { kind: 'record', record: JSON.parse(text), hint, text };
  } catch {
    return { kind: 'record', record: text, hint }; // a line that only looks like JSON
  }
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
