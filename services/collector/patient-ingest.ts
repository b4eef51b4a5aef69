import type { Clock } from '#shared/clock.ts';
import type { Delivery, Ingest, Taking } from './delivery.ts';

/**
 * Delivers for a sender that cannot be told to come again, such as syslog: waits while the collector is busy. The
 * sender is not read meanwhile.
 *
 * @returns what became of it in the end; never `busy`
 * @throws the signal's reason when it is aborted while waiting
 */
export async function takePatiently(
  ingest: Ingest,
  delivery: Delivery,
  clock: Clock,
  signal: AbortSignal,
): Promise<Exclude<Taking, { kind: 'busy' }>> {
  for (;;) {
    const taking = await ingest.take(delivery);
    if (taking.kind !== 'busy') return taking;
    await clock.sleep(Math.min(taking.retryAfterSeconds, waitSecondsMax) * 1000, signal);
  }
}

// Nobody else wants to come in between: a short look does no harm.
const waitSecondsMax = 1;
