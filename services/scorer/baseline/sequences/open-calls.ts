import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import { createRecords } from '../tables/records.ts';
import { textHash } from '../tables/text-hash.ts';

/** A stretch of time, UTC ms. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Whose span it is, within which trace. */
interface Place {
  readonly agent: number;
  readonly trace: string;
}

/** What was asked of the agent that is called, by whom, and how much it teaches. */
interface Asked {
  readonly caller: number;
  /** Number of what was asked: under it the call is judged when it is over. */
  readonly asked: number;
  readonly weight: number;
}

/** A call that is over. Scratch: reused. */
export interface ClosedCall {
  caller: number;
  asked: number;
  weight: number;
  /** How often the agent waited for others, and how long altogether, ms. */
  waits: number;
  waitedMs: number;
  /** What of it the agent did not spend waiting for others, ms. */
  ownMs: number;
  /** When it was over, UTC ms. */
  to: number;
}

/**
 * Calls to agents that may still hear which calls the agents made for them, within the same trace: what is left is
 * the agents' own time. Calls come in any order, a caller's before the called agent's where they are told when they
 * begin and after it where they are told when they end. Calls that an agent made at the same time are counted once;
 * one that began before another that was told earlier may count for less than it took. Of calls to one agent that run
 * at once within one trace, the newest is taken to have made the calls that follow.
 *
 * The room is fixed: beyond it the oldest calls are over earlier than they should be.
 */
interface OpenCalls {
  /** The agent was called. */
  open(at: Place, span: Span, asked: Asked): void;
  /** The agent waited for another. */
  wait(at: Place, span: Span): void;
  /** Takes out the agent's calls that were over a while before `now`, in the order in which they came. */
  close(agent: number, now: number, onClosed: (call: ClosedCall) => void): void;
  /** The slot is given to another agent. */
  forget(agent: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// By default spans are exported every five seconds (OpenTelemetry specification, batch span processor,
// scheduledDelayMillis): so much later than a call may the calls come that were made for it.
const settleMs = 5000;
// Clocks within one data centre agree to a few milliseconds (NTP, RFC 5905).
const skewMs = 10;
const places = 8192; // a power of two; 720 KB, for 800 calls a second over ten seconds

/** Fields of a place. */
const owner = 0; // agent + 1, 0 = free
const name = 1; // 32 bits of the trace
const start = 2; // UTC ms
const end = 3;
const waitedMs = 4;
const waitedUntil = 5; // UTC ms
const asked = 6; // number + 1, 0 = only calls that it made have come so far
const weight = 7;
const next = 8; // the agent's next place + 1
const caller = 9;
const waits = 10;
const width = 11;

/** @param key under which they are saved */
export function createOpenCalls(key: string): OpenCalls {
  const queue = createQueues(key);
  const newest = createRecords(`${key}_newest`, 1); // by hash: place + 1
  const { get, set } = queue;
  const closedAt = closedCalls(get);

  const find = (agent: number, hash: number): number => {
    const place = (newest.data[hash & (places - 1)] ?? 0) - 1;
    return place >= 0 && get(place, owner) === agent + 1 && get(place, name) === hash ? place : -1;
  };
  const make = (agent: number, hash: number, { from, to }: Span): number => {
    const place = queue.push(agent);
    set(place, name, hash);
    set(place, start, from);
    set(place, end, to);
    const at = newest.at(hash & (places - 1));
    newest.data[at] = place + 1;
    return place;
  };
  /** The place of calls that came before the one that they were made for, if this is the one. */
  const findEarly = (agent: number, hash: number, { from, to }: Span): number => {
    const place = find(agent, hash);
    if (place < 0 || get(place, asked) > 0) return -1;
    return from <= get(place, start) + skewMs && get(place, start) <= to ? place : -1;
  };
  /** The place of the call that a call was made for, or of others that came before it. */
  const findCause = (agent: number, hash: number, { from }: Span): number => {
    const place = find(agent, hash);
    if (place < 0 || get(place, asked) === 0) return place;
    return get(place, start) <= from + skewMs && from <= get(place, end) ? place : -1;
  };
  return {
    open: ({ agent, trace }, span, what) => {
      const hash = textHash(trace, agent);
      const early = findEarly(agent, hash, span);
      const place = early >= 0 ? early : make(agent, hash, span);
      set(place, start, span.from);
      set(place, end, span.to);
      set(place, asked, what.asked + 1);
      set(place, weight, what.weight);
      set(place, caller, what.caller);
    },
    wait: ({ agent, trace }, span) => {
      const hash = textHash(trace, agent);
      const cause = findCause(agent, hash, span);
      const place = cause >= 0 ? cause : make(agent, hash, span);
      const isEarly = get(place, asked) === 0;
      if (isEarly) set(place, end, Math.max(span.to, get(place, end)));
      const until = get(place, waitedUntil);
      const { from, to } = within(span, get(place, start), get(place, end));
      set(place, waits, get(place, waits) + 1);
      set(place, waitedMs, get(place, waitedMs) + Math.max(0, to - Math.max(from, until)));
      set(place, waitedUntil, Math.max(until, to));
    },
    close: (agent, now, onClosed) => {
      for (let place = queue.first(agent); place >= 0; place = queue.first(agent)) {
        if (get(place, end) + settleMs > now) return;
        if (get(place, asked) > 0) onClosed(closedAt(place));
        queue.shift(agent);
      }
    },
    forget: (agent) => {
      while (queue.first(agent) >= 0) queue.shift(agent);
    },
    save: (state) => {
      queue.save(state);
      newest.save(state);
    },
    restore: (state) => {
      queue.restore(state);
      newest.restore(state);
    },
  };
}

/** Reads what a place holds of a call that is over, always into the same object. */
function closedCalls(get: (place: number, field: number) => number): (place: number) => ClosedCall {
  const closed: ClosedCall = { caller: 0, asked: 0, weight: 1, waits: 0, waitedMs: 0, ownMs: 0, to: 0 };
  return (place) => {
    closed.caller = get(place, caller);
    closed.asked = get(place, asked) - 1;
    closed.weight = get(place, weight);
    closed.waits = get(place, waits);
    closed.waitedMs = get(place, waitedMs);
    closed.to = get(place, end);
    closed.ownMs = Math.max(0, closed.to - get(place, start) - closed.waitedMs);
    return closed;
  };
}

/**
 * The part of a span that lies within a call. Who has its own answer waits no longer: a span that would fit into the
 * call and ends after it began earlier than it was told to, by another clock, or at the other end of the network.
 *
 * @source the clock skew adjuster of Jaeger's query service, which moves a child span into its parent
 */
function within(span: Span, from: number, to: number): Span {
  const overMs = span.to - to;
  if (overMs <= 0) return span;
  const isFitting = span.to - span.from <= to - from;
  return { from: isFitting ? Math.max(from, span.from - overMs) : span.from, to };
}

/** A ring of places, of each agent a queue: who takes a place last had is the first of its owner's queue. */
function createQueues(key: string) {
  const ring = createRecords(`${key}_places`, width);
  const ends = createRecords(`${key}_queues`, 2); // by agent: its first and its last place + 1
  const turn = createRecords(`${key}_turn`, 1); // how many places were taken so far
  const parts = [ring, ends, turn];
  const get = (place: number, field: number) => ring.data[place * width + field] ?? 0;
  const set = (place: number, field: number, value: number) => {
    ring.data[place * width + field] = value;
  };
  const shift = (agent: number) => {
    const at = ends.at(agent);
    const first = (ends.data[at] ?? 0) - 1;
    ends.data[at] = get(first, next);
    if (ends.data[at] === 0) ends.data[at + 1] = 0;
    set(first, owner, 0);
  };
  return {
    get,
    set,
    shift,
    first: (agent: number): number => (ends.data[agent * 2] ?? 0) - 1,
    /** The next place of the ring, empty, at the end of the agent's queue. */
    push: (agent: number): number => {
      const taken = turn.data[turn.at(0)] ?? 0;
      turn.data[0] = taken + 1;
      const place = taken % places;
      const before = get(place, owner) - 1;
      if (before >= 0) shift(before);
      const start = ring.at(place); // makes room
      ring.data.fill(0, start, start + width);
      set(place, owner, agent + 1);
      const at = ends.at(agent);
      const last = (ends.data[at + 1] ?? 0) - 1;
      if (last >= 0) set(last, next, place + 1);
      else ends.data[at] = place + 1;
      ends.data[at + 1] = place + 1;
      return place;
    },
    ...allOf(parts),
  };
}
