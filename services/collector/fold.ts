import { attributeNames } from '#shared/attributes.ts';
import type { AmissEvent } from '#shared/event.ts';
import { joinConnection, type KnownConnection, knownOf } from './facts/connection.ts';
import { disagreements, isSameCall, mergeEnds, type SeenEnd } from './facts/two-ends.ts';
import type { Sighting } from './schemas/schema.ts';

export interface FoldOptions {
  /** For how long a call is remembered after it was first seen, by the time of receipt. */
  readonly windowMs: number;
  /** Calls remembered; beyond it the oldest is forgotten, and its other sighting becomes an event of its own. */
  readonly callsMax: number;
}

/** Folds the sightings of one delivery, and with those of earlier deliveries. */
export interface Folding {
  /** Takes an event that may be one of several sightings of a call. */
  readonly add: (event: AmissEvent, sighting: Sighting) => void;
  /** The events to append: of calls seen more than once, one each. Call it once, after the last `add`. */
  readonly finish: () => readonly AmissEvent[];
  /** How many sightings became no event of their own: they were merged, or added nothing. Known after `finish`. */
  readonly folded: () => number;
  /**
   * Remembers what was appended. Only after the append is durable: what is remembered earlier would swallow the other
   * sighting of a call that was never stored.
   */
  readonly commit: () => void;
}

export interface Fold {
  /** @param receivedAt UTC milliseconds, not falling from delivery to delivery */
  readonly begin: (receivedAt: number) => Folding;
  /** Calls that are remembered now. */
  readonly size: () => number;
}

/** What is kept of a call that was appended: enough to judge its other sighting. */
type Known = KnownEnd | ({ readonly kind: 'connection'; readonly until: number } & KnownConnection);

interface KnownEnd extends SeenEnd {
  readonly kind: 'end';
  readonly part: Sighting['part'];
  readonly until: number;
}

interface Seen {
  readonly event: AmissEvent;
  readonly part: Sighting['part'];
}

/**
 * Makes one event of a call that several observers tell of: client and server span, both sidecars, both directions
 * of a flow, Zeek's conn, ssl and http lines. Within a delivery the sightings are merged; a sighting that comes in a
 * later delivery is dropped when it adds nothing, and kept, with what differs, when it does not agree. Nothing is
 * held back, so nothing that was acknowledged can be lost here.
 */
export function createFold(options: FoldOptions): Fold {
  const known = new Map<string, Known>(); // in the order of first sighting, which is the order of expiry
  return {
    size: () => known.size,
    begin: (receivedAt) => {
      const calls = new Map<string, Seen[]>();
      const appended: [string, Known][] = [];
      let folded = 0;
      forgetOld(known, receivedAt);
      return {
        add: (event, sighting) => {
          folded += 1;
          const key = `${event.space}\u0000${sighting.call}`;
          const seen = calls.get(key);
          if (seen === undefined) calls.set(key, [{ event, part: sighting.part }]);
          else seen.push({ event, part: sighting.part });
        },
        finish: () => {
          const events: AmissEvent[] = [];
          const until = receivedAt + options.windowMs;
          for (const [key, seen] of calls) {
            const before = known.get(key);
            const [first] = seen;
            if (first !== undefined && seen.length === 1 && before === undefined && isEnd(first)) {
              events.push(first.event); // the first sighting of a call, as most are
              appended.push([key, knownEnd(first, until)]);
              continue;
            }
            const result = seen.every(isEnd)
              ? foldEnds(seen, before, until)
              : foldConnection(seen, before, until);
            events.push(...result.events);
            if (result.known !== undefined) appended.push([key, result.known]);
          }
          folded -= events.length;
          return events;
        },
        folded: () => folded,
        commit: () => {
          for (const [key, entry] of appended) {
            known.delete(key); // so that it moves to the end of the order
            known.set(key, entry);
          }
          for (const key of known.keys()) {
            if (known.size <= options.callsMax) break;
            known.delete(key);
          }
        },
      };
    },
  };
}

interface Folded {
  readonly events: readonly AmissEvent[];
  readonly known?: Known;
}

function isEnd({ part }: Seen): boolean {
  return part === 'source' || part === 'destination';
}

function foldConnection(seen: readonly Seen[], before: Known | undefined, until: number): Folded {
  const earlier = before?.kind === 'connection' ? before : undefined;
  const events = joinConnection(seen, earlier);
  return { events, known: { kind: 'connection', until, ...knownOf(seen, earlier) } };
}

function foldEnds(seen: readonly Seen[], before: Known | undefined, until: number): Folded {
  const events: AmissEvent[] = [];
  let open: Seen | undefined;
  for (const sighting of seen) {
    if (open !== undefined && open.part !== sighting.part && isSameCall(open.event, sighting.event)) {
      events.push(
        open.part === 'source'
          ? mergeEnds(open.event, sighting.event)
          : mergeEnds(sighting.event, open.event),
      );
      open = undefined;
    } else {
      // The same part again is another call of the same name: the next interval of a flow log, a retried span.
      if (open !== undefined) events.push(open.event);
      open = sighting;
    }
  }
  if (open === undefined) return { events };
  const { event, part } = open;
  const isOther = before?.kind === 'end' && before.part !== part && isSameCall(before, event);
  if (!isOther) return { events: [...events, event], known: knownEnd(open, until) };
  const differing = disagreements(before, event);
  if (differing.length === 0 && !addsAnything(before, event)) return { events };
  return { events: [...events, withDisagreement(event, differing)] };
}

/** The few fields by which another sighting is judged, so that remembering a call takes little memory. */
function knownEnd({ event, part }: Seen, until: number): KnownEnd {
  const { source, destination, shipper, outcome, auth_subject, token_id, bytes_in, bytes_out } = event;
  const fields = { source, destination, shipper, outcome, auth_subject, token_id, bytes_in, bytes_out };
  return { kind: 'end', part, until, ...fields };
}

/** Flow logs tell of the way back in a record of its own, and its bytes count; so does another outcome. */
function addsAnything(before: SeenEnd, later: AmissEvent): boolean {
  return (
    (later.outcome !== undefined && later.outcome !== 'unknown' && later.outcome !== before.outcome) ||
    (later.bytes_in !== undefined && before.bytes_in === undefined) ||
    (later.bytes_out !== undefined && before.bytes_out === undefined)
  );
}

function withDisagreement(event: AmissEvent, differing: readonly string[]): AmissEvent {
  if (differing.length === 0) return event;
  return {
    ...event,
    attributes: { ...event.attributes, [attributeNames.observersDisagree]: differing.join(',') },
  };
}

function forgetOld(known: Map<string, Known>, now: number): void {
  for (const [key, { until }] of known) {
    if (until > now) break;
    known.delete(key);
  }
}
