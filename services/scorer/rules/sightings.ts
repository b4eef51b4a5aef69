import type { AmissEvent } from '#shared/event.ts';
import type { RuleMemory } from './rule-memory.ts';

/** Calls that are remembered: both ends of one arrive within minutes; the oldest goes first. */
const callsMax = 8192;

/** What another observer said, where it contradicts. */
interface Contradiction {
  readonly observer: string;
  readonly field: 'destination' | 'identity' | 'verdict';
}

/** What the first observer of each recent call said. */
export interface Sightings extends RuleMemory {
  contradiction(event: AmissEvent): Contradiction | undefined;
  learn(event: AmissEvent): void;
}

interface Sighting {
  readonly observer: string;
  readonly trace: string;
  readonly source: string;
  readonly destination: string;
  readonly subject: string | undefined;
  readonly outcome: AmissEvent['outcome'];
}

/** Calls are told apart by span id: 64 random bits, of which a few thousand do not meet by chance. */
export function createSightings(): Sightings {
  const calls = new Map<string, Sighting>();
  return {
    name: 'sightings',
    contradiction: (event) => {
      if (event.span_id === undefined || event.observer === undefined) return undefined;
      const first = calls.get(event.span_id);
      if (first === undefined || first.observer === event.observer || first.trace !== event.trace_id)
        return undefined;
      const field = disagreement(first, event);
      return field === undefined ? undefined : { observer: first.observer, field };
    },
    learn: (event) => {
      const { span_id: span, trace_id: trace, observer, source, destination } = event;
      if (span === undefined || trace === undefined || observer === undefined || calls.has(span)) return;
      calls.set(span, {
        observer,
        trace,
        source,
        destination,
        subject: event.auth_subject,
        outcome: event.outcome,
      });
      if (calls.size > callsMax) dropOldest(calls);
    },
    save: (state) => state.value('calls', [...calls]),
    restore: (state) => {
      calls.clear();
      for (const [span, sighting] of (state.value('calls') ?? []) as [string, Sighting][])
        calls.set(span, sighting);
    },
  };
}

/** A timeout at one end may be a success at the other, so only a denial against a success contradicts. */
function disagreement(first: Sighting, event: AmissEvent): Contradiction['field'] | undefined {
  if (first.source !== event.source) return undefined; // a proxy's own leg of the call
  if (first.destination !== event.destination) return 'destination';
  if (first.subject !== undefined && event.auth_subject !== undefined && first.subject !== event.auth_subject)
    return 'identity';
  const verdicts = [first.outcome, event.outcome];
  return verdicts.includes('denied') && verdicts.includes('success') ? 'verdict' : undefined;
}

function dropOldest(calls: Map<string, Sighting>): void {
  for (const oldest of calls.keys()) {
    calls.delete(oldest);
    return;
  }
}
