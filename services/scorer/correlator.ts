import type { Alert } from '#shared/alert.ts';
import type { Signal } from '#shared/signal.ts';
import { alertOf } from './alert-text.ts';
import { createBudget } from './budget.ts';
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
const eventsMax = 20;
const peersMax = 50;
// A revision is told when the score rose by a fifth or the case spread to as many peers again.
const revisionGrowth = 1.2;

export function createCorrelator(options: CorrelatorOptions): Correlator {
  const budget = createBudget(options.alertsPerDay);
  const techniques = new Map(options.detectors.map(({ name, techniques: of }) => [name, of]));
  const learnUntil = options.learnUntil ?? 0;
  let cases = new Map<string, Case>(); // by id, in order of opening
  const byParty = new Map<string, Case>(); // newest open case about an agent, or about whom its agents call

  const isOpen = (known: Case, time: number) => time - known.to <= quietMs && time - known.from <= caseMsMax;
  const partyKey = (space: string, agent: string) => `${space}\n${agent}`;
  const find = (signal: Signal): Case | undefined => {
    for (const party of [signal.agent, signal.peer]) {
      if (party === null) continue;
      const known = byParty.get(partyKey(signal.space, party));
      if (known !== undefined && isOpen(known, signal.time)) return known;
    }
    return undefined;
  };
  const close = (known: Case) => {
    cases.delete(known.id);
    for (const party of [known.agent, ...known.peers.keys()]) {
      const key = partyKey(known.space, party);
      if (byParty.get(key) === known) byParty.delete(key);
    }
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
    for (const party of [signal.agent, signal.peer]) {
      if (party !== null && (party === known.agent || known.peers.has(party))) {
        byParty.set(partyKey(known.space, party), known);
      }
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
      }));
      state.value('cases', plain);
      state.value('swept-at', sweptAt);
    },
    restore: (state) => {
      budget.restore(state.within('budget'));
      sweptAt = Number(state.value('swept-at') ?? 0);
      const saved = (state.value('cases') ?? []) as SavedCase[];
      cases = new Map(saved.map((plain) => [plain.id, revived(plain)]));
      byParty.clear();
      for (const known of cases.values()) {
        for (const party of [known.agent, ...known.peers.keys()]) {
          byParty.set(partyKey(known.space, party), known);
        }
      }
    },
  };
}

type SavedCase = Omit<Case, 'peers' | 'detectors'> & {
  readonly peers: [string, number][];
  readonly detectors: [string, number][];
};

const revived = (plain: SavedCase): Case => ({
  ...plain,
  peers: new Map(plain.peers),
  detectors: new Map(plain.detectors),
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
