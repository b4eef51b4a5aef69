import { messageOf } from '#shared/errors.ts';
import type { Mapping } from './declared-mapping.ts';
import { createLineParser } from './lines.ts';
import { compileMapping, createMapRecord, schemas } from './schemas/index.ts';
import type { Hint, MapContext, Schema, SchemaOutcome } from './schemas/schema.ts';

export interface TryOptions {
  /** Contents of the file: JSON, a JSON array, or one record a line. */
  readonly text: string;
  /** The operator's mappings, `collector.mappings`. */
  readonly mappings: readonly Mapping[];
  readonly hint: Hint;
  readonly context: MapContext;
  /** Takes one line of output. */
  readonly print: (line: string) => void;
}

export interface TrySummary {
  readonly records: number;
  readonly events: number;
  readonly skipped: number;
  readonly rejected: number;
}

/**
 * Shows what becomes of each record of a file, without sending anything: `amiss map --try FILE`. One line for each
 * outcome: number of the record, schema, and the event, the agent's facts, or the reason.
 *
 * @throws {AppError} CONFIG_INVALID a mapping is wrong
 */
export function tryMapping(options: TryOptions): TrySummary {
  const declared = options.mappings.map(compileMapping);
  const mapRecord = createMapRecord(declared);
  const all = [...declared, ...schemas];
  const counts = { records: 0, events: 0, skipped: 0, rejected: 0 };
  for (const record of recordsOf(options.text)) {
    counts.records += 1;
    const outcomes =
      record instanceof NotJson ? [refused(record)] : mapRecord(record, options.hint, options.context);
    const schema = all.find((candidate) => candidate.recognises(record, options.hint));
    for (const outcome of outcomes) {
      if (outcome.kind === 'event') counts.events += 1;
      if (outcome.kind === 'skip') counts.skipped += 1;
      if (outcome.kind === 'reject') counts.rejected += 1;
      options.print(`${counts.records} ${describe(outcome, schema)}`);
    }
  }
  const { records, events, skipped, rejected } = counts;
  options.print(`${records} records: ${events} events, ${skipped} skipped, ${rejected} rejected`);
  return counts;
}

class NotJson {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

function refused({ reason }: NotJson): SchemaOutcome {
  return { kind: 'reject', reason };
}

function* recordsOf(text: string): Generator<unknown> {
  const whole = parse(text.trim());
  if (Array.isArray(whole)) {
    yield* whole;
    return;
  }
  if (!(whole instanceof NotJson) && typeof whole === 'object') {
    yield whole;
    return;
  }
  const parseLine = createLineParser();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const record = parseLine(line);
    if (typeof record === 'string' && /^\s*[[{]/.test(record)) yield* lineRecords(record);
    else if (record !== undefined) yield record;
  }
}

/** A line that begins like JSON is JSON, unless it is a line such as Envoy's, which begins with a time in brackets. */
function lineRecords(line: string): readonly unknown[] {
  const parsed = parse(line);
  if (parsed instanceof NotJson) return line.trimStart().startsWith('{') ? [parsed] : [line];
  return Array.isArray(parsed) ? parsed : [parsed];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return new NotJson(messageOf(error));
  }
}

function describe(outcome: SchemaOutcome, schema: Schema | undefined): string {
  const name = schema?.name ?? '-';
  switch (outcome.kind) {
    case 'event':
      return `${name} event ${JSON.stringify(outcome.event)}`;
    case 'inventory':
      return `${name} inventory ${JSON.stringify(outcome.declaration)}`;
    case 'skip':
    case 'reject':
      return `${name} ${outcome.kind}: ${outcome.reason}`;
    default:
      return outcome satisfies never;
  }
}
