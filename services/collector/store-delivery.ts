import { hash } from 'node:crypto';
import type { Clock } from '#shared/clock.ts';
import { AppError } from '#shared/errors.ts';
import type { EventLog } from '#shared/log/log.ts';
import type { Partitioner } from '#shared/log/partitioner.ts';
import type { Metrics } from '#shared/metrics.ts';
import type { Reject } from '#shared/reject.ts';
import { type Batch, createBatch, sampleOf } from './batch.ts';
import { createDelays, type Delays } from './delays.ts';
import type { Delivery, RecordFault, Taking } from './delivery.ts';
import { createBatchIds, type RandomUuid, repeatableId } from './event-id.ts';
import type { Fold, Folding } from './fold.ts';
import type { FormatOutcome, ReadPlain, ReadyEvent, RecordHint } from './formats/format.ts';
import { inventoryDecision } from './inventory.ts';
import { createReadReady, type ReadRecord } from './ready-event.ts';
import { type RecordContext, toEvents } from './records.ts';
import type { MapRecord } from './schemas/index.ts';
import type { ReadWallTime } from './wall-time.ts';

export interface StoreOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly partitionOf: Partitioner;
  readonly randomUuid: RandomUuid;
  readonly mapRecord: MapRecord;
  readonly readWallTime: ReadWallTime;
  readonly hasOwnSchemas: boolean;
  readonly fold: Fold;
  /** HMAC with the deployment's key, for tokens and hashed resources. */
  readonly digest: (value: string) => string;
  readonly hashResources: boolean;
  readonly batchRecordsMax: number;
  readonly clockAheadMsMax: number;
}

// Records that are worked off in one go: about 10 ms, so that health checks and other senders are not kept waiting.
const sliceRecords = 2_000;
const tooLong = 'the event is larger than the log takes; send less text';

interface Work {
  readonly delivery: Delivery;
  readonly context: RecordContext;
  readonly readRecord: ReadRecord;
  /** `undefined` where each record must go by its schema. */
  readonly readPlain: ReadPlain | undefined;
  readonly batch: Batch;
  readonly folding: Folding;
  readonly delays: Delays;
  readonly options: StoreOptions;
}

/**
 * Makes events of an unpacked body and appends them, with what is wrong among the rejects; resolves when all of it is
 * durable.
 *
 * @throws {AppError} INPUT_INVALID nothing of the body can be read; INPUT_TOO_LARGE too many records; or as
 * `EventLog.append` does
 */
export async function storeDelivery(
  delivery: Delivery,
  body: Buffer,
  options: StoreOptions,
): Promise<Extract<Taking, { kind: 'taken' }>> {
  const work = workOn(delivery, body, options);
  const { batch, folding, context } = work;
  const faults: RecordFault[] = [];
  let index = 0;
  for (const outcome of delivery.decode(body, work.readPlain)) {
    const fault = faultOf(outcome, work);
    if (fault !== undefined) {
      if (index === 0 && fault.isBody) throw new AppError('INPUT_INVALID', fault.reason);
      faults.push({ index, reason: fault.reason });
      batch.addReject(rejectOf(delivery, context.receivedAt, fault, options));
    }
    index += 1;
    if (index > options.batchRecordsMax) {
      const limit = `${options.batchRecordsMax} records (collector.batch_records_max)`;
      throw new AppError('INPUT_TOO_LARGE', `the batch holds more than ${limit}; send smaller batches`);
    }
    if (index % sliceRecords === 0) await new Promise(setImmediate);
  }
  for (const event of folding.finish()) {
    const fault = { reason: tooLong, sample: event.source };
    if (!batch.addEvent(event)) {
      batch.addReject(rejectOf(delivery, context.receivedAt, fault, options));
    }
  }
  await batch.append(options.log);
  folding.commit();
  options.metrics
    .counter('collector_folded', 'Sightings of a call that became no event of their own')
    .inc({ service: 'collector', kind: delivery.format }, folding.folded());
  const accepted = index - faults.length;
  count(options, delivery, { received: index, accepted, rejected: faults.length });
  return { kind: 'taken', accepted, rejected: faults.length, faults, delays: work.delays };
}

/** Keeps the beginning of a body that cannot be read among the rejects. @throws as `EventLog.append` does */
export async function storeRefusal(delivery: Delivery, reason: string, options: StoreOptions): Promise<void> {
  const batch = createBatch(options.partitionOf);
  const sample = delivery.body.toString('latin1', 0, 256);
  batch.addReject(rejectOf(delivery, options.clock.now(), { reason, sample }, options));
  await batch.append(options.log);
  count(options, delivery, { received: 1, accepted: 0, rejected: 1 });
}

function workOn(delivery: Delivery, body: Buffer, options: StoreOptions): Work {
  const receivedAt = options.clock.now();
  const nextRandomId = createBatchIds(receivedAt, options.randomUuid);
  const retryKey = delivery.retry === 'bytes' ? hash('sha256', body, 'hex') : delivery.retry?.key;
  let position = 0;
  const nextId = (time: number): string => {
    position += 1;
    // Two bodies of records without a time may be equal and yet tell of two things.
    const isNew = retryKey === undefined || (delivery.retry === 'bytes' && time === receivedAt);
    return isNew
      ? nextRandomId()
      : repeatableId(delivery.format, delivery.sender.name, `${retryKey}/${position}`);
  };
  const { mapRecord, hasOwnSchemas, digest, hashResources } = options;
  const context: RecordContext = {
    receivedAt,
    sender: delivery.sender,
    timeMax: receivedAt + options.clockAheadMsMax,
    nextId,
    mapRecord,
    hasOwnSchemas,
    mapContext: { receivedAt, digest, hashResources },
  };
  const batch = createBatch(options.partitionOf);
  const folding = options.fold.begin(receivedAt);
  const read = createReadReady(context);
  const readPlain = delivery.hint?.schema === undefined ? read.plain : undefined;
  const delays = createDelays();
  return { delivery, context, readRecord: read.record, readPlain, batch, folding, delays, options };
}

interface Fault {
  readonly reason: string;
  readonly sample: string;
  readonly isBody?: true;
}

/** Adds what a record tells to the batch; returns what is wrong with it, if anything is. */
function faultOf(outcome: FormatOutcome, work: Work): Fault | undefined {
  switch (outcome.kind) {
    case 'reject':
      return outcome;
    case 'ready':
      return takeReady(outcome.event, work);
    case 'record':
      return takeRecord(outcome, work);
    default:
      return outcome satisfies never;
  }
}

function takeReady(event: ReadyEvent, { batch, context, delays }: Work): Fault | undefined {
  delays.add(context.receivedAt - event.time);
  return batch.addReady(event) ? undefined : { reason: tooLong, sample: event.source };
}

function takeRecord(outcome: Extract<FormatOutcome, { kind: 'record' }>, work: Work): Fault | undefined {
  const { context, batch, folding, options } = work;
  if (work.delivery.hint === undefined || outcome.hint !== undefined) {
    const ready = work.readRecord(outcome);
    if (ready !== undefined) return takeReady(ready, work);
  }
  let reason: string | undefined;
  const hint = withTime(outcome.hint, work) ?? work.delivery.hint;
  for (const result of toEvents(outcome.record, hint, context)) {
    switch (result.ok) {
      case true:
        work.delays.add(context.receivedAt - result.event.time);
        if (result.sighting !== undefined) folding.add(result.event, result.sighting);
        else if (!batch.addEvent(result.event)) reason = tooLong;
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

/** A time without year and zone that would lie ahead of us is of another zone: then the time of receipt counts. */
function withTime(hint: RecordHint | undefined, { context, options }: Work): RecordHint | undefined {
  if (hint?.wallTime === undefined) return hint;
  const time = options.readWallTime(hint.wallTime, context.receivedAt);
  return time === undefined || time > context.timeMax ? hint : { ...hint, time };
}

function rejectOf(delivery: Delivery, time: number, fault: Fault, options: StoreOptions): Reject {
  return {
    id: options.randomUuid(),
    time,
    space: delivery.sender.space ?? 'default',
    source: delivery.sender.name,
    format: delivery.format,
    reason: fault.reason,
    sample: fault.sample,
  };
}

function count(
  { metrics }: StoreOptions,
  { format }: Delivery,
  figures: { received: number; accepted: number; rejected: number },
): void {
  const labels = { service: 'collector', source: format };
  metrics.received.inc(labels, figures.received);
  metrics.accepted.inc(labels, figures.accepted);
  metrics.rejected.inc(labels, figures.rejected);
}
