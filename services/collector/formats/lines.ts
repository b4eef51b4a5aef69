import { messageOf } from '#shared/errors.ts';
import { createLineParser } from '../lines.ts';
import { type Format, type FormatOutcome, reject } from './format.ts';

/** Characters of one line; a log line that is longer is none. */
const lineCharactersMax = 256 * 1024;

/**
 * Text, one record a line: JSON, or a log's own form that a schema recognises. Headers of Zeek and VPC flow logs hold
 * for the lines below them.
 */
export const lines: Format = {
  name: 'lines',
  summary: 'Text lines: Zeek and VPC flow logs with their headers, access logs, JSON',
  source: 'https://docs.zeek.org/en/master/log-formats.html; the schemas in services/collector/schemas/',
  decode: decodeLines,
};

function* decodeLines(body: Buffer): Generator<FormatOutcome> {
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  const parse = createLineParser();
  for (let from = 0; from < text.length; ) {
    const found = text.indexOf('\n', from);
    const end = found < 0 ? text.length : found;
    const line = text.slice(from, text.charAt(end - 1) === '\r' ? end - 1 : end);
    from = end + 1;
    if (line.trim() === '') continue;
    if (line.length > lineCharactersMax) yield reject(`the line is longer than ${lineCharactersMax}`, line);
    else yield* decodeLine(line, parse);
  }
}

function* decodeLine(line: string, parse: (line: string) => unknown): Generator<FormatOutcome> {
  if (line.startsWith('{')) {
    try {
      yield { kind: 'record', record: JSON.parse(line) };
    } catch (error) {
      yield reject(`the line is not JSON: ${messageOf(error).slice(0, 200)}`, line);
    }
    return;
  }
  const record = parse(line);
  if (record !== undefined) yield { kind: 'record', record };
}
