import type { Clock } from '#shared/clock.ts';
import type { Delivery, Ingest, Taking } from './delivery.ts';

// Nobody else can come in between: a short look does no harm.
const waitMsMax = 1_000;

/**
 * Delivers for a sender that does not come again by itself, such as syslog: waits while the collector is busy. The
 * sender is not read meanwhile.
 *
 * @param options.patienceMs waits so long and then gives back `busy`; for ever when it is infinite
 * @throws the signal's reason when it is aborted while waiting
 */
export async function takePatiently(
  ingest: Ingest,
  delivery: Delivery,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly patienceMs: number },
): Promise<Taking> {
  const { clock, signal, patienceMs } = options;
  const until = clock.now() + patienceMs;
  for (;;) {
    const taking = await ingest.take(delivery);
    if (taking.kind !== 'busy') return taking;
    const waitMs = Math.min(taking.retryAfterSeconds * 1000, waitMsMax);
    if (clock.now() + waitMs > until) return taking;
    await clock.sleep(waitMs, signal);
  }
}
