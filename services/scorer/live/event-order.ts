import type { Clock } from '#shared/clock.ts';
import { spacesMax } from '../baseline/members/agents.ts';

/**
 * Lets the records of several topics through in the order of their event times, as far as their records are known to be
 * there. Without it a reader that catches up would be hours ahead in one topic, and find all of the other late.
 *
 * Event time is of each space its own: two records of different spaces are compared by when they were received, or the
 * recording that is replayed into one space would run ahead in one topic while the other has live traffic of another.
 */
export interface EventOrder {
  /** A topic is going to be read from `next` on; records before `end` are there already. */
  begin(topic: string, next: number, end: number): void;
  /**
   * Waits until no other topic has an older record.
   *
   * @param head the record to be taken next
   * @param end the partition's next offset to be written, as far as known
   * @returns whether a later record of this topic may be taken with it
   * @throws the signal's reason
   */
  admit(topic: string, head: Head, end: number): Promise<(later: Head) => boolean>;
  /** Everything of a topic before this offset has been taken. */
  taken(topic: string, next: number): void;
}

/** What the order of a record depends on. */
export interface Head {
  readonly space: string;
  /** Event time, UTC ms. */
  readonly time: number;
  /** When a collector received it, UTC ms. */
  readonly receivedAt: number;
}

interface Lane {
  next: number;
  end: number;
  /** The record that waits to be taken; `undefined` while none is at hand. */
  head: Head | undefined;
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
  const newest = createNewest();
  const lanes = new Map<string, Lane>();
  let change = Promise.withResolvers<void>();
  const changed = () => {
    change.resolve();
    change = Promise.withResolvers();
  };
  const laneOf = (topic: string): Lane => {
    const lane = lanes.get(topic) ?? { next: 0, end: 0, head: undefined };
    lanes.set(topic, lane);
    return lane;
  };
  /** The first records of the other topics; `undefined` stands for one that is there but not at hand. */
  const othersOf = (topic: string) =>
    [...lanes]
      .filter(([other, { next, end }]) => other !== topic && next < end)
      .map(([other, { head }]) => head && { topic: other, head });
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
      lanes.set(topic, { next, end, head: undefined });
      changed();
    },
    admit: async (topic, head, end) => {
      const lane = laneOf(topic);
      lane.end = Math.max(lane.end, end);
      lane.head = head;
      changed();
      if (newest.isLeap(head)) await refresh(topic);
      const isFirst = () =>
        othersOf(topic).every((other) => other !== undefined && comesFirst({ topic, head }, other));
      const isAdmitted = isFirst() || (await until(isFirst));
      newest.note(head);
      if (!isAdmitted) return () => true; // what has not come so far does not hold up the batch again
      const others = othersOf(topic);
      return (later) =>
        !newest.isLeap(later) &&
        others.every((other) => other !== undefined && comesFirst({ topic, head: later }, other));
    },
    taken: (topic, next) => {
      const lane = laneOf(topic);
      lane.next = next;
      lane.head = undefined;
      changed();
    },
  };
}

interface Waiting {
  readonly topic: string;
  readonly head: Head;
}

function comesFirst(one: Waiting, other: Waiting): boolean {
  const isOneSpace = one.head.space === other.head.space;
  const ahead = isOneSpace ? one.head.time - other.head.time : one.head.receivedAt - other.head.receivedAt;
  // Of two that are equally old `events` goes before `arrivals`: the order must not depend on chance.
  return ahead < 0 || (ahead === 0 && one.topic > other.topic);
}

/** The newest event time that was let through, by space. Where they are too many all are forgotten, and asked for anew. */
function createNewest() {
  const times = new Map<string, number>();
  return {
    isLeap: ({ space, time }: Head) => time > (times.get(space) ?? 0) + leapMs,
    note: ({ space, time }: Head) => {
      if (times.size >= spacesMax && !times.has(space)) times.clear();
      times.set(space, Math.max(times.get(space) ?? 0, time));
    },
  };
}
