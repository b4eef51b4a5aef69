import type { Signal } from '#shared/signal.ts';

/** Signals with one cause, told as an alert once they are unusual enough. Plain data: it is saved as JSON. */
export interface Case {
  readonly id: string;
  readonly space: string;
  cause: string;
  /** Whom it is about: of the strongest signal until it is told, from then on the same. */
  agent: string;
  /** Other ends by how many signals named them. */
  readonly peers: Map<string, number>;
  /** The strongest signal: its evidence is the alert's. */
  best: Signal;
  readonly from: number;
  /** Event time of the newest signal. */
  to: number;
  /** The same of the newest that was at least half as strong as the strongest. */
  activeTo: number;
  /** The first of those after the last half hour without any. */
  activeFrom: number;
  signals: number;
  /** Sample events, the strongest signals' first, the newest last. */
  events: string[];
  /** Strongest p by detector. */
  readonly detectors: Map<string, number>;
  /** What a signal must share with it to join it. */
  readonly keys: Set<string>;
  /** Where many members of a peer group changed alike. */
  shift: GroupShift | null;
  /** The case that this one turned out to be a part of. */
  mergedInto: string | null;
  /** 0 = not told yet. */
  revision: number;
  /** When it was first told about, event time. */
  toldAt: number;
  /** From when on what recurs belongs to it: told, or strong enough to be told had learning been over; 0 = not yet. */
  rememberedFrom: number;
  /** As of the last revision: its score, how many it had come to, its newest signal. */
  toldScore: number;
  toldSpread: number;
  toldTo: number;
}

/** In what a peer group changed, and how many of its members did. */
export interface GroupShift {
  readonly group: string;
  readonly detector: string;
  /** Whom they all came to call, where that is the change. */
  readonly peer?: string;
  readonly members: number;
  readonly of: number;
}

// Half an hour of quiet ends a case: the window in which scan statistics join hops (detection reference, 2.7).
export const quietMs = 1_800_000;
// What is far weaker than the case itself does not keep it open, or the noise of a busy agent would for ever.
const openShare = 0.5;
const eventsMax = 20;
const peersMax = 50;

export function openCase(signal: Signal): Case {
  return {
    id: signal.id,
    space: signal.space,
    cause: signal.cause,
    agent: signal.agent,
    peers: new Map(signal.peer === null ? [] : [[signal.peer, 1]]),
    best: signal,
    from: signal.time,
    to: signal.time,
    activeTo: signal.time,
    activeFrom: signal.time,
    signals: 1,
    events: signal.events.slice(0, eventsMax),
    detectors: new Map(signal.evidence.map(({ detector, p }) => [detector, p])),
    keys: new Set(),
    shift: null,
    mergedInto: null,
    revision: 0,
    toldAt: 0,
    rememberedFrom: 0,
    toldScore: 0,
    toldSpread: 0,
    toldTo: 0,
  };
}

/** A further signal of the case. */
export function joinCase(known: Case, signal: Signal): void {
  const isStronger = signal.score > known.best.score;
  if (isStronger && known.revision === 0) takeOver(known, signal);
  known.to = Math.max(known.to, signal.time);
  if (signal.score >= known.best.score * openShare) {
    if (signal.time - known.activeTo > quietMs) known.activeFrom = signal.time;
    known.activeTo = Math.max(known.activeTo, signal.time);
  }
  known.signals += 1;
  for (const party of [signal.agent, signal.peer]) if (party !== null) notePeer(known, party, 1);
  for (const { detector, p } of signal.evidence) {
    known.detectors.set(detector, Math.min(p, known.detectors.get(detector) ?? 1));
  }
  if (isStronger) known.best = signal;
  known.events = merged(known.events, signal.events, isStronger);
}

/** What was a case of its own turned out to be a part of another. */
export function mergeCase(into: Case, part: Case): void {
  part.mergedInto = into.id;
  into.signals += part.signals;
  into.to = Math.max(into.to, part.to);
  into.activeTo = Math.max(into.activeTo, part.activeTo);
  notePeer(into, part.agent, 1);
  for (const [peer, times] of part.peers) notePeer(into, peer, times);
  for (const [detector, p] of part.detectors) {
    into.detectors.set(detector, Math.min(p, into.detectors.get(detector) ?? 1));
  }
  const isStronger = part.best.score > into.best.score;
  if (isStronger) into.best = part.best;
  into.events = merged(into.events, part.events, isStronger);
}

/** Before anybody was told of it, a case is about what is most unusual in it, not about what came first. */
function takeOver(known: Case, signal: Signal): void {
  const { agent } = known;
  known.agent = signal.agent;
  known.cause = signal.cause;
  known.peers.delete(signal.agent);
  notePeer(known, agent, 1);
}

function notePeer(known: Case, party: string, times: number): void {
  if (party === known.agent) return;
  const before = known.peers.get(party);
  if (before !== undefined || known.peers.size < peersMax) known.peers.set(party, (before ?? 0) + times);
}

/** The strongest signals' first, the newest last: what does not fit is left out in between. */
function merged(known: readonly string[], added: readonly string[], isFirst: boolean): string[] {
  const all = [...new Set(isFirst ? [...added, ...known] : [...known, ...added])];
  const half = eventsMax / 2;
  return all.length <= eventsMax ? all : [...all.slice(0, half), ...all.slice(-half)];
}

export type SavedCase = Omit<Case, 'peers' | 'detectors' | 'keys'> & {
  readonly keys: string[];
  readonly peers: [string, number][];
  readonly detectors: [string, number][];
};

export const savedCase = (known: Case): SavedCase => ({
  ...known,
  peers: [...known.peers],
  detectors: [...known.detectors],
  keys: [...known.keys],
});

export const revivedCase = (saved: SavedCase): Case => ({
  ...saved,
  peers: new Map(saved.peers),
  detectors: new Map(saved.detectors),
  keys: new Set(saved.keys),
});
