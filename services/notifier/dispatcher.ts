import type { Clock } from '#shared/clock.ts';
import type { Delivery } from '#shared/delivery.ts';
import type { Outbox } from './outbox.ts';
import type { ReceiverState } from './receiver-state.ts';

export interface DispatcherOptions {
  readonly outbox: Outbox;
  readonly receiver: ReceiverState;
  readonly clock: Clock;
  /** Attempts at the same time, each about another alert. */
  readonly inFlightMax: number;
  /** Makes one attempt and settles it in the outbox. The signal breaks it off: it has not happened then. */
  readonly attempt: (delivery: Delivery, signal: AbortSignal) => Promise<void>;
  /** An attempt failed for a reason other than the receiver. */
  readonly onError: (error: unknown) => void;
}

/** Starts attempts as their messages come due. */
export interface Dispatcher {
  /** Looks again at once: something was added. */
  wake(): void;
  /** Starts no further attempt, waits a while for those under way, then breaks them off. */
  stop(): Promise<void>;
}

// A stop has ten seconds for everything; what is not answered by then is repeated by the next start.
const drainMsMax = 4_000;
// A timer of Node holds 2^31 − 1 ms at the most; a longer wait is cut into pieces of an hour.
const sleepMsMax = 3_600_000;

export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const { outbox, receiver, clock, inFlightMax } = options;
  const stopping = new AbortController();
  const breaking = new AbortController();
  const underWay = new Set<Promise<void>>();
  let waking = new AbortController();

  const start = (delivery: Delivery) => {
    const running = options
      .attempt(delivery, breaking.signal)
      .catch((error: unknown) => {
        if (!breaking.signal.aborted) options.onError(error);
      })
      .finally(() => {
        underWay.delete(running);
        waking.abort();
      });
    underWay.add(running);
  };
  const waitMs = (now: number) => {
    if (underWay.size >= inFlightMax) return sleepMsMax; // woken when an attempt ends
    const due = Math.max(outbox.nextDueAt() ?? Number.POSITIVE_INFINITY, receiver.opensAt());
    return Math.min(Math.max(due - now, 0), sleepMsMax);
  };
  const run = async () => {
    while (!stopping.signal.aborted) {
      waking = new AbortController();
      const now = clock.now();
      const isOpen = underWay.size < inFlightMax && receiver.opensAt() <= now;
      const delivery = isOpen ? outbox.takeDue(now) : undefined;
      if (delivery !== undefined) start(delivery);
      else await pause(clock, waitMs(now), AbortSignal.any([waking.signal, stopping.signal]));
    }
  };
  const running = run();

  return {
    wake: () => waking.abort(),
    stop: async () => {
      stopping.abort();
      await running;
      const timer = setTimeout(() => breaking.abort(), drainMsMax);
      await Promise.all(underWay);
      clearTimeout(timer);
    },
  };
}

/** Sleeps until the time is over or the signal comes, whichever is first; both are fine. */
async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(delayMs, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
