import type { Clock } from '#shared/clock.ts';

/**
 * Lets the records of several topics through in the order of their event times, as far as their records are known to be
 * there. Without it a reader that catches up would be hours ahead in one topic, and find all of the other late.
 */
export interface EventOrder {
  /** A topic is going to be read from `next` on; records before `end` are there already. */
  begin(topic: string, next: number, end: number): void;
  /**
   * Waits until no other topic has an older record.
   *
   * @param head the record to be taken next
   * @returns the event time up to which more of this topic may be taken with it
   * @throws the signal's reason
   */
  admit(topic: string, head: Head): Promise<number>;
  /** Everything of a topic before this offset has been taken. */
  taken(topic: string, next: number): void;
}

interface Head {
  /** Event time, UTC ms. */
  readonly time: number;
  /** The partition's next offset to be written, as far as known. */
  readonly end: number;
}

interface Lane {
  next: number;
  end: number;
  /** Event time of the record that waits to be taken; `undefined` while none is at hand. */
  time: number | undefined;
}

// For records that are known to be there and do not come: they cannot be read, or the partition is being revoked.
const waitMsMax = 2_000;

// A leap of event time, half of what makes an event late: before it is made the log is asked what else there is.
const leapMs = 300_000;

export interface EventOrderOptions {
  readonly clock: Clock;
  /** Ends every wait. */
  readonly signal: AbortSignal;
  /** The next offset to be written of a topic, asked of the log. */
  readonly endOf: (topic: string) => Promise<number>;
}

export function createEventOrder({ clock, signal, endOf }: EventOrderOptions): EventOrder {
  let newest = 0;
  const lanes = new Map<string, Lane>();
  let change = Promise.withResolvers<void>();
  const changed = () => {
    change.resolve();
    change = Promise.withResolvers();
  };
  const laneOf = (topic: string): Lane => {
    const lane = lanes.get(topic) ?? { next: 0, end: 0, time: undefined };
    lanes.set(topic, lane);
    return lane;
  };
  /** Event time up to which nothing of the other topics comes first; without bound where they have nothing. */
  const limitOf = (topic: string): number => {
    let limit = Number.POSITIVE_INFINITY;
    for (const [other, { next, end, time }] of lanes) {
      if (other === topic || next >= end) continue;
      // Of two that are equally old `events` goes before `arrivals`: the order must not depend on chance.
      limit = Math.min(limit, (time ?? Number.NEGATIVE_INFINITY) - (other > topic ? 1 : 0));
    }
    return limit;
  };
  /** Waits until the condition holds; `false` when it does not in time. */
  const until = async (holds: () => boolean): Promise<boolean> => {
    const ended = new AbortController();
    let isOver = false;
    const over = clock.sleep(waitMsMax, AbortSignal.any([signal, ended.signal])).then(
      () => {
        isOver = true;
      },
      () => undefined, // aborted: by the signal, which is looked at, or because it is not needed any more
    );
    while (!holds() && !isOver && !signal.aborted) await Promise.race([change.promise, over]);
    ended.abort();
    signal.throwIfAborted();
    return holds();
  };
  /** Looks again at topics that seem to be read to their end. */
  const refresh = async (topic: string) => {
    for (const [other, lane] of lanes) {
      if (other !== topic && lane.next >= lane.end) lane.end = Math.max(lane.end, await endOf(other));
    }
  };
  return {
    begin: (topic, next, end) => {
      lanes.set(topic, { next, end, time: undefined });
      changed();
    },
    admit: async (topic, { time, end }) => {
      const lane = laneOf(topic);
      lane.end = Math.max(lane.end, end);
      lane.time = time;
      changed();
      if (time > newest + leapMs) await refresh(topic);
      const isFirst = () => time <= limitOf(topic);
      const isAdmitted = isFirst() || (await until(isFirst));
      newest = Math.max(newest, time);
      if (isAdmitted) return Math.min(limitOf(topic), newest + leapMs);
      return Number.POSITIVE_INFINITY; // what has not come so far does not hold up the batch again
    },
    taken: (topic, next) => {
      const lane = laneOf(topic);
      lane.next = next;
      lane.time = undefined;
      changed();
    },
  };
}
