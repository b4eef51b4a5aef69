import type { Clock } from '#shared/clock.ts';
import { messageOf } from '#shared/errors.ts';
import type { EventLog } from '#shared/log/log.ts';
import type { Logger } from '#shared/logger.ts';
import { putNewest } from '#shared/put-newest.ts';
import type { Reject } from '#shared/reject.ts';
import type { Signal } from '#shared/signal.ts';
import { repeatableId } from './event-id.ts';

/** Somebody who was turned away. */
interface Refusal {
  /** Name that was claimed, or the peer's address. */
  readonly who: string;
  /** Wire format or listener at which it happened. */
  readonly format: string;
  readonly reason: string;
}

/** Makes a refused identity heard: its sender most likely drops what it wanted to deliver. */
export type ReportRefusal = (refusal: Refusal) => void;

/** One signal for each refused sender and listener in this time; a stranger cannot flood the analysts. */
const windowMs = 600_000;
/** Senders remembered; beyond it the oldest may be reported again. */
const rememberedMax = 10_000;
// A shipper that is turned away loses data for sure: as sure as the rules of the first tier.
const p = 1e-6;

/** Appends a reject and a signal for each refused sender, once in ten minutes. Never throws; a failure is logged. */
export function createRefusals(options: {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
}): ReportRefusal {
  const reported = new Map<string, number>();
  return (refusal) => {
    const now = options.clock.now();
    const key = `${refusal.format}\u0000${refusal.who}`;
    if (now - (reported.get(key) ?? -windowMs) < windowMs) return;
    putNewest(reported, key, now, rememberedMax);
    void appendRefusal(refusal, now, options.log).catch((error) => {
      reported.delete(key); // the next attempt reports it
      options.logger.warn({ reason: messageOf(error) }, 'a refused shipper could not be reported');
    });
  };
}

async function appendRefusal(refusal: Refusal, now: number, log: EventLog): Promise<void> {
  const id = repeatableId('refusal', refusal.who, `${refusal.format}/${Math.floor(now / windowMs)}`);
  const reject: Reject = {
    id,
    time: now,
    space: 'default',
    source: refusal.who,
    format: refusal.format,
    reason: refusal.reason,
    sample: '',
  };
  await Promise.all([
    log.append('rejects', [{ key: reject.space, value: JSON.stringify(reject) }]),
    log.append('signals', [{ key: reject.space, value: JSON.stringify(signalOf(refusal, id, now)) }]),
  ]);
}

function signalOf({ who, format, reason }: Refusal, id: string, now: number): Signal {
  return {
    id,
    time: now,
    space: 'default',
    agent: who,
    peer: null,
    cause: `shipper_refused/${who}`,
    p,
    score: -Math.log10(p),
    evidence: [
      {
        detector: 'shipper_refused',
        p,
        observed: 1,
        expected: 0,
        lower: null,
        upper: null,
        unit: 'refused deliveries',
        baseline_source: 'self',
        group: null,
        group_expected: null,
        subject: format,
        from: now,
        to: now,
        sentence: `${who} was refused at ${format} and most likely drops its records: ${reason}`,
      },
    ],
    first_seen: null,
    events: [],
    trace_id: null,
  };
}
