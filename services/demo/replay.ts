import type { Clock } from '#shared/clock.ts';
import { dateOf } from '#shared/date-of.ts';
import { ingestClient } from '#shared/ingest-client.ts';
import { createProgress } from '#shared/progress.ts';
import type { Call, Slice } from './slice.ts';

const batchCalls = 2_000;

/** What the collector said of all of them. */
export interface Sent {
  readonly accepted: number;
  readonly rejected: number;
}

export interface ReplayOptions {
  readonly clock: Clock;
  readonly out: NodeJS.WriteStream;
  /** Ends the replay between two batches. */
  readonly signal: AbortSignal;
}

/**
 * Sends the recording to the ingest endpoint as fast as it is taken.
 *
 * @param shiftMs what moves its times, ms
 */
export async function replay(
  options: ReplayOptions,
  slice: Slice,
  url: string,
  shiftMs: number,
): Promise<Sent> {
  const { clock, out, signal } = options;
  const { calls } = slice;
  const send = ingestClient({ url, clock });
  const progress = createProgress({ label: 'replay', total: calls.length, clock, out });
  let [accepted, rejected] = [0, 0];
  for (let from = 0; from < calls.length; from += batchCalls) {
    signal.throwIfAborted();
    const batch = calls.slice(from, from + batchCalls).map((call, i) => eventLine(call, from + i, shiftMs));
    const answer = await send(`${batch.join('\n')}\n`);
    accepted += answer.accepted;
    rejected += answer.rejected;
    progress.update(from + batch.length, dateOf((calls[from]?.time ?? 0) + shiftMs));
  }
  progress.end(`${accepted.toLocaleString('en')} events accepted`);
  return { accepted, rejected };
}

/** The native event of a call. Its id makes a batch harmless that is sent twice because an answer was lost. */
function eventLine({ time, source, destination }: Call, index: number, shiftMs: number): string {
  return JSON.stringify({ id: `darpa98-${index}`, time: time + shiftMs, source, destination });
}
