import type { Decision } from '#shared/decision.ts';
import { AppError } from '#shared/errors.ts';
import type { AmissEvent } from '#shared/event.ts';
import type { AppendRecord, EventLog } from '#shared/log/log.ts';
import type { Partitioner } from '#shared/log/partitioner.ts';
import { type Reject, rejectSampleBytesMax } from '#shared/reject.ts';
import { createArrivals } from './arrivals.ts';
import type { ReadyEvent } from './formats/format.ts';
import { hiddenText, secretName } from './secret.ts';

/** One event as JSON, in characters; a broker's record limit (1 MiB by default) holds it in any alphabet. */
const eventCharactersMax = 256 * 1024;
/** Rejects of one batch that are kept one by one; the rest is one record with the count. */
const rejectsMax = 1000;

/** The records of one delivery on their way to the log. */
export interface Batch {
  /** @returns `false` when the event is larger than the log takes */
  readonly addEvent: (event: AmissEvent) => boolean;
  /** Like `addEvent`, of an event that is text already. */
  readonly addReady: (event: ReadyEvent) => boolean;
  readonly addReject: (reject: Reject) => void;
  /** Keeps what a record says about an agent itself, as a decision that the registry reads. */
  readonly addDecision: (decision: Decision) => void;
  /** Resolves when all of it is durable. Rejects as `EventLog.append` does. */
  readonly append: (log: EventLog) => Promise<void>;
}

/**
 * Collects what one delivery appends: each event for the partition of its source, and, where the destination lies in
 * another partition, once more in that partition's record of `arrivals`.
 */
export function createBatch(partitionOf: Partitioner): Batch {
  const events: AppendRecord[] = [];
  const arrivals = createArrivals();
  const rejects: Reject[] = [];
  const decisions: AppendRecord[] = [];
  let rejectsCut = 0;
  const addReady = ({ source, destination, time, value }: ReadyEvent): boolean => {
    if (value.length > eventCharactersMax) return false;
    const partition = partitionOf(source);
    events.push({ key: source, value, partition });
    const other = partitionOf(destination);
    if (other !== partition) arrivals.add(other, time, value);
    return true;
  };
  return {
    addEvent: (event) => {
      const { source, destination, time } = event;
      return addReady({ source, destination, time, value: JSON.stringify(event) });
    },
    addReady,
    addReject: (reject) => {
      if (rejects.length < rejectsMax) rejects.push(reject);
      else rejectsCut += 1;
    },
    addDecision: (decision) => {
      decisions.push({ key: decision.key, value: JSON.stringify(decision) });
    },
    append: async (log) => {
      const appends: Promise<void>[] = [];
      if (events.length > 0) appends.push(log.append('events', events));
      const arrived = arrivals.records();
      if (arrived.length > 0) appends.push(log.append('arrivals', arrived));
      if (rejects.length > 0) appends.push(log.append('rejects', rejectRecords(rejects, rejectsCut)));
      if (decisions.length > 0) appends.push(log.append('decisions', decisions));
      await settleAll(appends);
    },
  };
}

/** Waits for every append before it fails, so that nothing is still under way when the caller gives memory back. */
async function settleAll(appends: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(appends)).filter((result) => result.status === 'rejected');
  const reasons = failed.map((result) => result.reason as unknown);
  // A full log is worth waiting for longer than one that is away: it is what the sender is told.
  const full = reasons.find((reason) => reason instanceof AppError && reason.code === 'LOG_FULL');
  if (reasons.length > 0) throw full ?? reasons[0];
}

function rejectRecords(rejects: readonly Reject[], cut: number): readonly AppendRecord[] {
  const kept = rejects.map((reject) => ({ key: reject.space, value: JSON.stringify(reject) }));
  const last = rejects.at(-1);
  if (cut === 0 || last === undefined) return kept;
  const reason = `${cut} more records of this batch were refused and are not kept one by one`;
  const rest: Reject = { ...last, id: `${last.id}-rest`, reason, sample: '' };
  return [...kept, { key: rest.space, value: JSON.stringify(rest) }];
}

/** The beginning of a record, for a person to look at, without what is called a secret. */
export function sampleOf(record: unknown): string {
  const shown = (key: string, value: unknown) => (secretName.test(key) ? hiddenText : value);
  try {
    return (JSON.stringify(record, shown) ?? '').slice(0, rejectSampleBytesMax);
  } catch {
    return '(nested too deeply to be shown)';
  }
}
