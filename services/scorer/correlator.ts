import type { Alert } from '#shared/alert.ts';
import type { Signal } from '#shared/signal.ts';
import { alertOf } from './alert-text.ts';
import { createBudget } from './budget.ts';
import { createCrowds, endsOf } from './crowds.ts';
import type { Detector } from './detectors/detector.ts';
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

/** Signals in, alerts out. Pure: no clock, no input or output. */
export interface Correlator {
  /** Takes a signal in; what comes back is a new alert, a new revision of one, or nothing to tell. */
  take(signal: Signal): Alert | undefined;
  /** The score from which cases are told now. */
  threshold(): number;
  readonly openCases: number;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export interface CorrelatorOptions {
  readonly alertsPerDay: number;
  readonly detectors: readonly Detector[];
  /** Signals before this event time teach the budget and are not told. */
  readonly learnUntil?: number;
}

// Half an hour of quiet ends a case: the window in which scan statistics join hops (detection reference, 2.7).
const quietMs = 1_800_000;
// A case that never falls quiet is told anew after a day, or its alert would go stale in nobody's hands.
const caseMsMax = 86_400_000;
const casesMax = 10_000; // beyond it the one quiet for longest is closed
const keysMax = 1000; // of one case; what shares none of them opens another
const eventsMax = 20;
const peersMax = 50;
// A revision is told when the score rose by a fifth or the case spread to as many peers again.
const revisionGrowth = 1.2;

export function createCorrelator(options: CorrelatorOptions): Correlator {
  const budget = createBudget(options.alertsPerDay);
  const techniques = new Map(options.detectors.map(({ name, techniques: of }) => [name, of]));
  const learnUntil = options.learnUntil ?? 0;
  let cases = new Map<string, Case>(); // by id, in order of opening
  const crowds = createCrowds();
  const byKey = new Map<string, Case>(); // newest open case of an edge or a cause

  const isOpen = (known: Case, time: number) => time - known.to <= quietMs && time - known.from <= caseMsMax;
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
    for (const known of cases.values()) if (!isOpen(known, time)) close(known);
    while (cases.size >= casesMax) {
      const oldest = [...cases.values()].reduce((a, b) => (a.to <= b.to ? a : b));
      close(oldest);
    }
  };
  let sweptAt = 0;
  const index = (known: Case, signal: Signal) => {
    for (const key of keysOf(signal)) {
      if (known.keys.size >= keysMax) return;
      known.keys.add(key);
      byKey.set(key, known);
    }
  };
  const tell = (known: Case): Alert | undefined => {
    const { score } = known.best;
    if (known.revision === 0) {
      if (known.best.time < learnUntil || score < budget.threshold()) return undefined;
      budget.spend();
      known.toldAt = known.best.time;
    } else if (score < known.toldScore * revisionGrowth) {
      return undefined;
    }
    known.revision += 1;
    known.toldScore = score;
    return alertOf(known, techniques);
  };

  return {
    take: (signal) => {
      budget.advance(signal.time);
      if (signal.time - sweptAt > quietMs || cases.size >= casesMax) {
        sweep(signal.time);
        sweptAt = signal.time;
      }
      let known = find(signal);
      if (known === undefined) {
        known = openCase(signal);
        cases.set(known.id, known);
        budget.note(0, signal.score);
      } else {
        const before = known.best.score;
        join(known, signal);
        if (known.best.score > before) budget.note(before, known.best.score);
      }
      index(known, signal);
      crowds.note(signal, known);
      return tell(known);
    },
    threshold: budget.threshold,
    get openCases() {
      return cases.size;
    },
    save: (state) => {
      budget.save(state.within('budget'));
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
      budget.restore(state.within('budget'));
      sweptAt = Number(state.value('swept-at') ?? 0);
      const saved = (state.value('cases') ?? []) as SavedCase[];
      cases = new Map(saved.map((plain) => [plain.id, revived(plain)]));
      byKey.clear();
      for (const known of cases.values()) for (const key of known.keys) byKey.set(key, known);
    },
  };
}

/**
 * What makes two signals one case: the same edge, in either direction; the same caller, whatever it does; or the same
 * agent flooded, by whomever.
 */
function keysOf(signal: Signal): readonly string[] {
  const { space, agent, peer, cause } = signal;
  const { caller, called } = endsOf(signal);
  const keys: string[] = [];
  if (peer !== null) keys.push(`${space}\nedge\n${agent < peer ? `${agent}\n${peer}` : `${peer}\n${agent}`}`);
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
  known.to = Math.max(known.to, signal.time);
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
