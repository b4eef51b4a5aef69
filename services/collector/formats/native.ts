import { isUtf8 } from 'node:buffer';
import { messageOf } from '#shared/errors.ts';
import { jsonEnd } from '../wire/json-end.ts';
import { type Format, type FormatOutcome, type ReadPlain, reject } from './format.ts';

/**
 * JSON objects in whatever framing shippers use: one a line (NDJSON), one array, one after another without a
 * separator, or a single object over many lines. Which one it is shows in the bytes, not in the content type.
 * Of two equal keys in an object the last one counts, as everywhere in JavaScript.
 */
export const native: Format = {
  name: 'native',
  summary: 'JSON records: NDJSON, an array, or objects one after another',
  source: 'RFC 8259; https://github.com/ndjson/ndjson-spec',
  decode: decodeJson,
};

function decodeJson(body: Buffer, readPlain?: ReadPlain): Iterable<FormatOutcome> {
  if (!isUtf8(body)) return decodeDamaged(body);
  const start = contentStart(body);
  const isArray = body[start] === openBracket;
  if (readPlain !== undefined) return decodePlain(body, isArray ? start + 1 : start, isArray, readPlain);
  const text = body.toString('utf8', start);
  return isArray ? decodeArray(text) : decodeStream(text);
}

/** Where the content begins: behind a byte order mark, which JSON.parse does not know, and blanks. */
function contentStart(body: Buffer): number {
  const hasMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  return separatorsEnd(body, hasMark ? 3 : 0);
}

// Records in a row that are not plain: the rest of such a body is read as text, which is faster then.
const missesMax = 16;

/** Plain records where they lie; others line by line, and what is neither as text. */
function* decodePlain(
  body: Buffer,
  start: number,
  isArray: boolean,
  readPlain: ReadPlain,
): Generator<FormatOutcome> {
  let misses = 0;
  for (let at = separatorsEnd(body, start); at < body.length; at = separatorsEnd(body, at)) {
    const ready = readPlain(body, at);
    if (ready !== undefined) {
      yield { kind: 'ready', event: ready.event };
      at = ready.end;
      misses = 0;
      continue;
    }
    if (isArray) {
      yield* decodeArray(`[${body.toString('utf8', at)}`);
      return;
    }
    const found = body.indexOf(lineFeed, at);
    const end = found < 0 ? body.length : found;
    const line = body.toString('utf8', at, end);
    const parsed = parseJson(line);
    misses += 1;
    if (!parsed.ok || misses > missesMax) {
      yield* decodeStream(body.toString('utf8', at));
      return;
    }
    yield* recordsIn(parsed.value, line);
    at = end;
  }
}

function separatorsEnd(body: Buffer, from: number): number {
  let at = from;
  while (at < body.length && isSeparator(body[at])) at += 1;
  return at;
}

/** Blanks, line ends and the commas of an array. */
function isSeparator(byte: number | undefined): boolean {
  return byte === 32 || byte === lineFeed || byte === 13 || byte === 9 || byte === 44;
}

const lineFeed = 10;
const openBracket = 91;

/** A batch with a byte that is no UTF-8: only the lines that hold one are lost. */
function* decodeDamaged(body: Buffer): Generator<FormatOutcome> {
  for (let from = 0; from < body.length; ) {
    const found = body.indexOf(lineFeed, from);
    const end = found < 0 ? body.length : found;
    const line = body.subarray(from, end);
    if (isUtf8(line)) yield* decodeStream(line.toString('utf8'));
    else yield reject('the line is not valid UTF-8; send UTF-8', line.subarray(0, 4096).toString('utf8'));
    from = end + 1;
  }
}

function* decodeArray(text: string): Generator<FormatOutcome> {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    // Cut off, several arrays, or one bad element: what is whole within still counts.
    yield* decodeStream(text.replace(/^\s*\[/, ' '));
    return;
  }
  for (const record of list as readonly unknown[]) {
    if (isList(record)) yield* items(record);
    else yield { kind: 'record', record };
  }
}

/** Objects with or without line feeds between them. */
function* decodeStream(text: string): Generator<FormatOutcome> {
  // Before this position no object over several lines can begin, see `JsonEnd`.
  let seen = 0;
  let isWithinLine = false;
  let end = -1;
  for (let from = 0; from < text.length; ) {
    if (from > end) end = lineEnd(text, from);
    const start = isWithinLine ? from : from + blanks(text, from, end);
    const line = text.slice(start, end);
    const parsed = isWithinLine ? packed : parseJson(line);
    from = end + 1;
    if (parsed.ok) {
      yield* recordsIn(parsed.value, line);
      continue;
    }
    if (start >= end) continue;
    const object = text.charAt(start) === '{' && start >= seen ? jsonEnd(text, start) : undefined;
    if (object?.isWhole) {
      yield* decodeOne(text.slice(start, object.end));
      from = afterSeparators(text, object.end);
      isWithinLine = from < end;
    } else {
      if (object !== undefined) seen = object.seen;
      isWithinLine = false;
      if (line !== ']') yield reject(`the record is not JSON: ${parsed.reason}`, line);
    }
  }
}

function* decodeOne(text: string): Generator<FormatOutcome> {
  const parsed = parseJson(text);
  if (!parsed.ok) yield reject(`the record is not JSON: ${parsed.reason}`, text);
  else if (isList(parsed.value)) yield* items(parsed.value);
  else yield { kind: 'record', record: parsed.value };
}

type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

// A line of several objects is not worth parsing as a whole a second time.
const packed: ParsedJson = { ok: false, reason: 'an object is cut off' };

function parseJson(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, reason: messageOf(error).slice(0, 200) };
  }
}

/** The record that a whole line is, or the records of the list that it holds. */
function* recordsIn(value: unknown, line: string): Generator<FormatOutcome> {
  if (isList(value)) yield* items(value);
  else yield { kind: 'record', record: value, text: line };
}

/** The audit webhook of Kubernetes posts its events as one list: each of them is a record. */
function isList(record: unknown): record is { readonly items: readonly unknown[] } {
  if (typeof record !== 'object' || record === null) return false;
  const list = record as { readonly kind?: unknown; readonly items?: unknown };
  return list.kind === 'EventList' && Array.isArray(list.items);
}

function* items(list: { readonly items: readonly unknown[] }): Generator<FormatOutcome> {
  for (const record of list.items) yield { kind: 'record', record };
}

function lineEnd(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? text.length : found;
}

/** How many blanks and commas stand before a record. */
function blanks(text: string, from: number, end: number): number {
  let i = from;
  while (i < end && ' \t\r,'.includes(text.charAt(i))) i += 1;
  return i - from;
}

/** Objects of an array have a comma between them, and a bracket after the last. */
function afterSeparators(text: string, from: number): number {
  let i = from;
  while (i < text.length && ' \t\r\n,]'.includes(text.charAt(i))) i += 1;
  return i;
}
