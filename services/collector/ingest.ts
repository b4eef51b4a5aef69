import { hash } from 'node:crypto';
import type { Clock } from '#shared/clock.ts';
import { AppError, messageOf } from '#shared/errors.ts';
import type { EventLog } from '#shared/log/log.ts';
import type { Logger } from '#shared/logger.ts';
import type { Metrics } from '#shared/metrics.ts';
import type { Admission, Busy } from './admission.ts';
import { type Batch, createBatch, sampleOf } from './batch.ts';
import { decompress } from './compression.ts';
import { createBatchIds, type RandomUuid, repeatableId } from './event-id.ts';
import type { FormatOutcome, RecordHint } from './formats/format.ts';
import { inventoryDecision } from './inventory.ts';
import type { Partitioner } from './partitioner.ts';
import { type RecordContext, toEvents } from './records.ts';
import type { MapRecord } from './schemas/index.ts';
import type { Sender } from './sender.ts';

/** One request, frame or chunk, as a listener hands it over. */
export interface Delivery {
  readonly sender: Sender;
  /** Name of the wire format, for rejects and metrics. */
  readonly format: string;
  readonly body: Buffer;
  /** `Content-Encoding` of the body; absent means that it is plain. */
  readonly encoding?: string;
  readonly decode: (body: Buffer) => Iterable<FormatOutcome>;
  /** Holds for every record that has no hint of its own. */
  readonly hint?: RecordHint;
  /**
   * The sender's name for this delivery, the same when it is repeated: records without an id get repeatable ones
   * from it. `bytes` derives it from the body, for records that carry a time: a body that comes twice is a repeat.
   */
  readonly retry?: { readonly key: string } | 'bytes';
}

export interface RecordFault {
  /** Position of the record in the delivery, 0-based. */
  readonly index: number;
  readonly reason: string;
}

/** What became of a delivery. */
export type Taking =
  /** Everything is durable: accepted records among the events, the others among the rejects. */
  | {
      readonly kind: 'taken';
      readonly accepted: number;
      readonly rejected: number;
      readonly faults: readonly RecordFault[];
    }
  /** Nothing was kept; the same delivery will be taken later. */
  | ({ readonly kind: 'busy' } & Busy)
  /** Nothing of it can be read, now or later; the beginning is among the rejects. */
  | { readonly kind: 'refused'; readonly code: 'INPUT_INVALID' | 'INPUT_TOO_LARGE'; readonly reason: string };

/** The one path from bytes to the log, whatever the listener. */
export interface Ingest {
  readonly take: (delivery: Delivery) => Promise<Taking>;
}

export interface IngestOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly admission: Admission;
  readonly partitionOf: Partitioner;
  readonly randomUuid: RandomUuid;
  readonly mapRecord: MapRecord;
  readonly hasOwnSchemas: boolean;
  /** HMAC with the deployment's key, for tokens and hashed resources. */
  readonly digest: (value: string) => string;
  readonly hashResources: boolean;
  readonly unpackedBytesMax: number;
  readonly batchRecordsMax: number;
  readonly clockAheadMsMax: number;
}

// Records that are worked off in one go: about 10 ms, so that health checks and other senders are not kept waiting.
const sliceRecords = 2_000;
// Logs shrink to about a tenth; a body that unpacks to more than this is given room only if the budget has it.
const usualRatio = 16;

/** Admission, decompression, decoding, mapping, checking and the durable append, in this order, for every delivery. */
export function createIngest(options: IngestOptions): Ingest {
  return {
    take: async (delivery) => {
      const busy = options.admission.check(delivery.sender.name);
      if (busy !== undefined) return { kind: 'busy', ...busy };
      const room = createRoom(options);
      try {
        const body = await unpack(delivery, room, options);
        return await store(delivery, body, options);
      } catch (error) {
        return await explain(error, delivery, options);
      } finally {
        room.give();
      }
    },
  };
}

interface Room {
  /** Holds `bytes` instead of what was held before. @throws {AppError} RATE_LIMITED when there is no room */
  readonly hold: (bytes: number) => void;
  readonly give: () => void;
}

function createRoom({ admission }: IngestOptions): Room {
  let held = 0;
  const hold = (bytes: number) => {
    admission.release(held);
    held = 0;
    if (!admission.reserve(bytes))
      throw new AppError('RATE_LIMITED', 'too many deliveries at once (collector.in_flight_bytes_max)');
    held = bytes;
  };
  return { hold, give: () => hold(0) };
}

async function unpack(delivery: Delivery, room: Room, options: IngestOptions): Promise<Buffer> {
  const { body, encoding = '' } = delivery;
  const { unpackedBytesMax } = options;
  if (encoding === '' || encoding === 'identity') {
    room.hold(body.length);
    if (body.length > unpackedBytesMax)
      throw new AppError('INPUT_TOO_LARGE', `the body is larger than ${unpackedBytesMax} bytes`);
    return body;
  }
  const usual = Math.min(unpackedBytesMax, body.length * usualRatio + 65_536);
  room.hold(usual);
  try {
    return await decompress(body, encoding, usual);
  } catch (error) {
    const isLarger = error instanceof AppError && error.code === 'INPUT_TOO_LARGE';
    if (!isLarger || usual === unpackedBytesMax) throw error;
    room.hold(unpackedBytesMax);
    return await decompress(body, encoding, unpackedBytesMax);
  }
}

async function store(delivery: Delivery, body: Buffer, options: IngestOptions): Promise<Taking> {
  const receivedAt = options.clock.now();
  const batch = createBatch(options.partitionOf);
  const context = contextOf(delivery, body, receivedAt, options);
  const faults: RecordFault[] = [];
  let index = 0;
  for (const outcome of delivery.decode(body)) {
    const fault =
      outcome.kind === 'reject' ? outcome : takeRecord(outcome, delivery.hint, context, batch, options);
    if (fault !== undefined) {
      faults.push({ index, reason: fault.reason });
      batch.addReject(rejectOf(delivery, context, fault, options));
    }
    index += 1;
    if (index > options.batchRecordsMax) {
      const limit = `${options.batchRecordsMax} records (collector.batch_records_max)`;
      throw new AppError('INPUT_TOO_LARGE', `the batch holds more than ${limit}; send smaller batches`);
    }
    if (index % sliceRecords === 0) await new Promise(setImmediate);
  }
  await batch.append(options.log);
  options.admission.charge(delivery.sender.name, index);
  count(options, delivery, { received: index, accepted: index - faults.length, rejected: faults.length });
  return { kind: 'taken', accepted: index - faults.length, rejected: faults.length, faults };
}

function contextOf(
  delivery: Delivery,
  body: Buffer,
  receivedAt: number,
  options: IngestOptions,
): RecordContext {
  const nextRandomId = createBatchIds(receivedAt, options.randomUuid);
  const retryKey = delivery.retry === 'bytes' ? hash('sha256', body, 'hex') : delivery.retry?.key;
  let position = 0;
  return {
    receivedAt,
    sender: delivery.sender,
    timeMax: receivedAt + options.clockAheadMsMax,
    nextId: (time) => {
      position += 1;
      // Two bodies of records without a time may be equal and yet tell of two things.
      const isNew = retryKey === undefined || (delivery.retry === 'bytes' && time === receivedAt);
      return isNew
        ? nextRandomId()
        : repeatableId(delivery.format, delivery.sender.name, `${retryKey}/${position}`);
    },
    mapRecord: options.mapRecord,
    hasOwnSchemas: options.hasOwnSchemas,
    mapContext: { receivedAt, digest: options.digest, hashResources: options.hashResources },
  };
}

interface Fault {
  readonly reason: string;
  readonly sample: string;
}

/** Adds what a record tells to the batch; returns what is wrong with it, if anything is. */
function takeRecord(
  outcome: Extract<FormatOutcome, { kind: 'record' }>,
  hint: RecordHint | undefined,
  context: RecordContext,
  batch: Batch,
  options: IngestOptions,
): Fault | undefined {
  let reason: string | undefined;
  for (const result of toEvents(outcome.record, outcome.hint ?? hint, context)) {
    switch (result.ok) {
      case true:
        if (!batch.addEvent(result.event)) reason = 'the event is larger than the log takes; send less text';
        break;
      case false:
        reason = result.reason;
        break;
      case 'skip':
        options.metrics
          .counter('collector_skipped', 'Records that tell of no communication')
          .inc({ service: 'collector', kind: result.reason });
        break;
      case 'inventory':
        batch.addDecision(inventoryDecision(result.declaration, context));
        break;
      default:
        return result satisfies never;
    }
  }
  if (reason === undefined) return undefined;
  // What may hold a secret is not shown again.
  return { reason, sample: reason.includes('may hold a secret') ? '' : sampleOf(outcome.record) };
}

function rejectOf(delivery: Delivery, context: RecordContext, fault: Fault, options: IngestOptions) {
  return {
    id: options.randomUuid(),
    time: context.receivedAt,
    space: delivery.sender.space ?? 'default',
    source: delivery.sender.name,
    format: delivery.format,
    reason: fault.reason,
    sample: fault.sample,
  };
}

/** Turns what went wrong with a whole delivery into an answer. A bug is passed on. */
async function explain(error: unknown, delivery: Delivery, options: IngestOptions): Promise<Taking> {
  if (!(error instanceof AppError)) throw error;
  options.metrics.failures.inc({ service: 'collector', code: error.code });
  const reason = messageOf(error);
  switch (error.code) {
    case 'RATE_LIMITED':
    case 'LOG_FULL':
      return { kind: 'busy', code: error.code, reason, retryAfterSeconds: 1 };
    case 'LOG_UNAVAILABLE':
    case 'LOG_CLOSED':
      return { kind: 'busy', code: 'LOG_UNAVAILABLE', reason, retryAfterSeconds: 5 };
    case 'INPUT_INVALID':
    case 'INPUT_TOO_LARGE':
      return await refuse(error.code, reason, delivery, options);
    default:
      throw error;
  }
}

async function refuse(
  code: 'INPUT_INVALID' | 'INPUT_TOO_LARGE',
  reason: string,
  delivery: Delivery,
  options: IngestOptions,
): Promise<Taking> {
  const batch = createBatch(options.partitionOf);
  const context = contextOf({ ...delivery, retry: { key: '' } }, delivery.body, options.clock.now(), options);
  batch.addReject(
    rejectOf(delivery, context, { reason, sample: delivery.body.toString('latin1', 0, 256) }, options),
  );
  try {
    await batch.append(options.log);
  } catch (error) {
    return await explain(error, delivery, options);
  }
  count(options, delivery, { received: 1, accepted: 0, rejected: 1 });
  return { kind: 'refused', code, reason };
}

function count(
  { metrics }: IngestOptions,
  { format }: Delivery,
  figures: { received: number; accepted: number; rejected: number },
): void {
  const labels = { service: 'collector', source: format };
  metrics.received.inc(labels, figures.received);
  metrics.accepted.inc(labels, figures.accepted);
  metrics.rejected.inc(labels, figures.rejected);
}
