import type { Signal } from '#shared/signal.ts';
import { hopsOf } from './baseline/walk.ts';
import { createCrowds, endsOf } from './crowds.ts';
import type { StateReader, StateWriter } from './state.ts';

/** Signals with one cause, told as an alert once they are unusual enough. Plain data: it is saved as JSON. */
export interface Case {
  readonly id: string;
  readonly space: string;
  readonly cause: string;
  /** Whom it is about. */
  readonly agent: string;
  /** Other ends by how many signals named them. */
  readonly peers: Map<string, number>;
  /** The strongest signal: its evidence is the alert's. */
  best: Signal;
  readonly from: number;
  to: number;
  signals: number;
  /** Sample events, strongest signals' first. */
  events: string[];
  /** Strongest p by detector. */
  readonly detectors: Map<string, number>;
  /** What a signal must share with it to join it. */
  readonly keys: Set<string>;
  /** 0 = not told yet. */
  revision: number;
  /** When it was first told about, event time. */
  toldAt: number;
  /** Score at the last revision. */
  toldScore: number;
}

/** The open cases: finds the one that a signal belongs to, or opens one. */
export interface Cases {
  readonly count: number;
  /** The case of a signal, the signal taken in; `before` is its best score until now, 0 where it is new. */
  take(signal: Signal): { readonly known: Case; readonly before: number };
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// Half an hour of quiet ends a case: the window in which scan statistics join hops (detection reference, 2.7).
const quietMs = 1_800_000;
// A case that never falls quiet is told anew after a day, or its alert would go stale in nobody's hands.
const caseMsMax = 86_400_000;
const casesMax = 10_000; // beyond it the one quiet for longest is closed
const openShare = 0.5;
const keysMax = 1000; // of one case; what shares none of them opens another
const eventsMax = 20;
const peersMax = 50;

export function createCases(): Cases {
  let cases = new Map<string, Case>(); // by id, in order of opening
  const byKey = new Map<string, Case>(); // newest open case of an edge, a caller or a flooded agent
  const crowds = createCrowds();
  let sweptAt = 0;

  const find = (signal: Signal): Case | undefined => {
    for (const key of keysOf(signal)) {
      const known = byKey.get(key);
      if (known !== undefined && isOpen(known, signal.time)) return known;
    }
    return crowds.caseOf(signal);
  };
  const close = (known: Case) => {
    cases.delete(known.id);
    for (const key of known.keys) if (byKey.get(key) === known) byKey.delete(key);
  };
  const sweep = (time: number) => {
    sweptAt = time;
    for (const known of cases.values()) if (!isOpen(known, time)) close(known);
    while (cases.size >= casesMax) {
      close([...cases.values()].reduce((a, b) => (a.to <= b.to ? a : b)));
    }
  };
  const index = (known: Case, signal: Signal) => {
    for (const key of keysOf(signal)) {
      if (known.keys.size >= keysMax) return;
      known.keys.add(key);
      byKey.set(key, known);
    }
  };

  return {
    get count() {
      return cases.size;
    },
    take: (signal) => {
      if (signal.time - sweptAt > quietMs || cases.size >= casesMax) sweep(signal.time);
      const found = find(signal);
      const before = found?.best.score ?? 0;
      const known = found ?? openCase(signal);
      if (found === undefined) cases.set(known.id, known);
      else join(known, signal);
      index(known, signal);
      crowds.note(signal, known);
      return { known, before };
    },
    save: (state) => {
      const plain = [...cases.values()].map((known) => ({
        ...known,
        peers: [...known.peers],
        detectors: [...known.detectors],
        keys: [...known.keys],
      }));
      state.value('cases', plain);
      state.value('swept-at', sweptAt);
    },
    restore: (state) => {
      sweptAt = Number(state.value('swept-at') ?? 0);
      const saved = (state.value('cases') ?? []) as SavedCase[];
      cases = new Map(saved.map((plain) => [plain.id, revived(plain)]));
      byKey.clear();
      for (const known of cases.values()) for (const key of known.keys) byKey.set(key, known);
    },
  };
}

const isOpen = (known: Case, time: number) => time - known.to <= quietMs && time - known.from <= caseMsMax;

/**
 * What makes two signals one case: the same edge, in either direction, or one of the same walk over edges; the same
 * caller, whatever it does; or the same agent flooded, by whomever.
 */
function keysOf(signal: Signal): readonly string[] {
  const { space, agent, peer, cause } = signal;
  const { caller, called } = endsOf(signal);
  const keys: string[] = [];
  const edge = (one: string, other: string) =>
    keys.push(`${space}\nedge\n${one < other ? `${one}\n${other}` : `${other}\n${one}`}`);
  // The earliest hop first: a longer walk belongs to the case that its beginning opened.
  for (const [from, to] of hopsOf(signal)) edge(from, to);
  if (peer !== null) edge(agent, peer);
  if (caller !== null) keys.push(`${space}\nfrom\n${caller}`);
  if (called === agent && cause.startsWith('volume/')) keys.push(`${space}\nflooded\n${agent}`);
  return keys;
}

type SavedCase = Omit<Case, 'peers' | 'detectors' | 'keys'> & {
  readonly keys: string[];
  readonly peers: [string, number][];
  readonly detectors: [string, number][];
};

const revived = (plain: SavedCase): Case => ({
  ...plain,
  peers: new Map(plain.peers),
  detectors: new Map(plain.detectors),
  keys: new Set(plain.keys),
});

function openCase(signal: Signal): Case {
  return {
    id: signal.id,
    space: signal.space,
    cause: signal.cause,
    agent: signal.agent,
    peers: new Map(signal.peer === null ? [] : [[signal.peer, 1]]),
    best: signal,
    from: signal.time,
    to: signal.time,
    signals: 1,
    events: [...signal.events],
    detectors: new Map(signal.evidence.map(({ detector, p }) => [detector, p])),
    keys: new Set(),
    revision: 0,
    toldAt: 0,
    toldScore: 0,
  };
}

function join(known: Case, signal: Signal): void {
  // What is far weaker than the case itself does not keep it open, or the noise of a busy agent would for ever.
  if (signal.score >= known.best.score * openShare) known.to = Math.max(known.to, signal.time);
  known.signals += 1;
  for (const party of [signal.agent, signal.peer]) {
    if (party === null || party === known.agent) continue;
    const times = known.peers.get(party);
    if (times !== undefined || known.peers.size < peersMax) known.peers.set(party, (times ?? 0) + 1);
  }
  for (const { detector, p } of signal.evidence) {
    known.detectors.set(detector, Math.min(p, known.detectors.get(detector) ?? 1));
  }
  const isStronger = signal.score > known.best.score;
  if (isStronger) known.best = signal;
  known.events = (
    isStronger ? [...signal.events, ...known.events] : [...known.events, ...signal.events]
  ).slice(0, eventsMax);
}
