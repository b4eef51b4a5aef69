import { randomUUID } from 'node:crypto';
import { Compile } from 'typebox/compile';
import { eventSchema } from '#shared/event.ts';
import { type Random, seededRandom } from '#shared/random.ts';
import { createBatchIds } from '../../services/collector/event-id.ts';
import type { Format, FormatOutcome } from '../../services/collector/formats/format.ts';
import { formats } from '../../services/collector/formats/index.ts';
import { createReadReady } from '../../services/collector/ready-event.ts';
import { type RecordContext, toEvents } from '../../services/collector/records.ts';
import { createMapRecord } from '../../services/collector/schemas/index.ts';
import { localSender } from '../../services/collector/sender.ts';
import { type FormatSample, formatSamples } from './format-samples.ts';
import { mutate, pick } from './mutate.ts';

export interface FuzzOptions {
  readonly seed: number;
  readonly inputs: number;
  /** Told now and then how many inputs were tried. */
  readonly onProgress?: (counts: FuzzCounts) => void;
}

export interface FuzzCounts {
  readonly inputs: number;
  readonly events: number;
  readonly rejects: number;
  /** Milliseconds of the slowest input. */
  readonly slowestMs: number;
}

const receivedAt = 1795405200000;
/** An input of at most some 70 KB that takes longer hangs, also on a busy machine. */
const inputMsMax = 5_000;
const progressEvery = 20_000;
const isEvent = Compile(eventSchema);

/**
 * Sends mutated bodies of every format the whole way from bytes to events: each record must become an event that the
 * schema admits, or be refused with a reason.
 *
 * @throws {Error} with seed, number and body (base64) of the input that broke the rule
 */
export function fuzzFormats(options: FuzzOptions): FuzzCounts {
  const random = seededRandom(options.seed);
  const samples = formatSamples();
  const context = contextOf();
  const counts = { inputs: 0, events: 0, rejects: 0, slowestMs: 0 };
  while (counts.inputs < options.inputs) {
    const format = formats[counts.inputs % formats.length] as Format;
    const body = inputOf(format, samples, random);
    const started = performance.now();
    try {
      judge(format, body, context, counts);
    } catch (error) {
      const where = `seed=${options.seed} input=${counts.inputs} format=${format.name}`;
      throw new Error(`${where} body=${body.toString('base64')}`, { cause: error });
    }
    const tookMs = performance.now() - started;
    if (tookMs > inputMsMax) throw new Error(`${format.name} took ${tookMs} ms: ${body.toString('base64')}`);
    counts.slowestMs = Math.max(counts.slowestMs, tookMs);
    counts.inputs += 1;
    if (counts.inputs % progressEvery === 0) options.onProgress?.({ ...counts });
  }
  return counts;
}

/** A body of the format, or one time in eight of another: what arrives at the wrong door. */
function inputOf(format: Format, samples: readonly FormatSample[], random: Random): Buffer {
  const own = samples.filter((sample) => sample.format === format.name);
  const from = pick(random, 8) === 0 ? samples : own;
  return mutate(from[pick(random, from.length)]?.body ?? Buffer.alloc(0), random);
}

/** Goes the long way and the short one, which must tell the same. */
function judge(
  format: Format,
  body: Buffer,
  context: RecordContext,
  counts: { events: number; rejects: number },
): void {
  const long = Array.from(format.decode(body), (outcome) => resultsOf(outcome, context)).flat();
  const { plain } = createReadReady(context);
  const short = Array.from(format.decode(body, plain), (outcome) => resultsOf(outcome, context)).flat();
  if (short.join('\n') !== long.join('\n'))
    throw new Error(`${short.join('\n')} instead of ${long.join('\n')}`);
  const events = long.filter((result) => result !== rejected).length;
  counts.events += events;
  counts.rejects += long.length - events;
}

const rejected = 'reject';

/** The events as JSON, without their ids, and rejects. */
function resultsOf(outcome: FormatOutcome, context: RecordContext): readonly string[] {
  if (outcome.kind === 'reject') return [rejectOf(outcome.reason)];
  if (outcome.kind === 'ready') return [eventOf(JSON.parse(outcome.event.value))];
  return toEvents(outcome.record, outcome.hint, context).flatMap((result) => {
    if (result.ok === true) return [eventOf(result.event)];
    return result.ok === false ? [rejectOf(result.reason)] : [];
  });
}

function rejectOf(reason: string): string {
  if (reason === '') throw new Error('a reject without a reason');
  return rejected;
}

function eventOf(event: unknown): string {
  if (!isEvent.Check(event)) throw new Error(`no event: ${JSON.stringify(event)}`);
  const { id: _, ...fields } = event;
  return JSON.stringify(Object.entries(fields).sort());
}

function contextOf(): RecordContext {
  const digest = (value: string) => value.slice(0, 32).padEnd(32, '0');
  return {
    receivedAt,
    sender: localSender('127.0.0.1'),
    nextId: createBatchIds(receivedAt, randomUUID),
    timeMax: receivedAt + 600_000,
    mapRecord: createMapRecord(),
    hasOwnSchemas: false,
    mapContext: { receivedAt, digest, hashResources: false },
  };
}
