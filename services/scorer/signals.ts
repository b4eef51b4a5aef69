import { createHash } from 'node:crypto';
import type { Working } from '#shared/explain/working.ts';
import type { Evidence, FirstSeen, Signal } from '#shared/signal.ts';
import type { Agents } from './baseline/agents.ts';
import type { FirstSeenTable } from './baseline/first-seen.ts';
import { learningWeight } from './baseline/learning.ts';
import { createRecords } from './baseline/records.ts';
import { createTails } from './baseline/tails.ts';
import { type Finding, rulePs, type View } from './detectors/detector.ts';
import type { Watch } from './judge.ts';
import type { PlannedChanges } from './planned-changes.ts';
import type { StateReader, StateWriter } from './state.ts';

/** What the tests of one end of an event said. */
interface Seen {
  readonly lnP: number;
  /** ln p by detector; above 0 = no test. */
  readonly lnPs: Float64Array;
  /** A planned change announced it: it is not told. */
  readonly isPlanned: boolean;
}

/** Watches each agent's windows and emits a signal when one of them becomes unusual, and again as it gets worse. */
export interface Signals {
  see(view: View, seen: Seen): void;
  find(detector: string, finding: Finding): void;
  forgetAgent(agent: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const windowMs = 300_000;
// A case of the budget is chosen among twenty signals: fewer would hide what is only a little unusual, more would
// make the correlator, which reads them all, the narrow place. Never more than three windows in ten are told.
const signalsPerAlert = 20;
const signalPMax = 0.3;
const signalPMin = 1e-9;
const dayMs = 86_400_000;
const windowsHalfLifeMs = 2 * dayMs; // of the rate of windows, which doubles and halves with traffic
// What each test must be worth to be listed as evidence beside the strongest, and how many are.
const evidenceLnPMax = Math.log(0.05);
const evidenceMax = 6;
// A window tells again each time its surprise has grown by half: at most 15 times up to p = e^-2000.
const tierBase = 1.5;

// Fields of an agent's record.
const window = 0; // number of the running window + 1
const lowest = 1; // lowest ln p in it, calibrated not yet
const tier = 2; // how many times it has told
const width = 3;

export interface SignalsOptions {
  readonly watches: readonly Watch[];
  readonly agents: Agents;
  readonly firstSeen: FirstSeenTable;
  readonly planned: PlannedChanges;
  readonly onSignal: (signal: Signal) => void;
  /** A signal was not told, because it was planned. */
  readonly onHeldBack: () => void;
  /** The budget that the signals are for. */
  readonly alertsPerDay: number;
}

export function createSignals(options: SignalsOptions): Signals {
  const { watches, agents, firstSeen, planned, onSignal, onHeldBack } = options;
  const windows = createRecords('windows', width);
  const tails = createTails('tails');
  const rate = createWindowRate();
  const limit = () => {
    const p = (signalsPerAlert * options.alertsPerDay) / rate.perDay();
    return Math.log(Math.min(signalPMax, Math.max(signalPMin, p)));
  };

  const open = (agent: number, time: number): number => {
    const at = windows.at(agent);
    const { data } = windows;
    const number = Math.floor(time / windowMs) + 1;
    const running = data[at + window] ?? 0;
    if (number <= running) return at;
    rate.note(time);
    if (running > 0) {
      const group = agents.group(agent);
      const lnP = tails.calibrate(group, data[at + lowest] ?? 0);
      tails.learn(group, data[at + lowest] ?? 0, learningWeight(lnP));
    }
    data[at + window] = number;
    data[at + lowest] = 0;
    data[at + tier] = 0;
    return at;
  };
  return {
    see: (view, seen) => {
      const at = open(view.agent, view.time);
      const { data } = windows;
      if (seen.lnP >= (data[at + lowest] ?? 0)) return;
      data[at + lowest] = seen.lnP;
      const lnP = tails.calibrate(agents.group(view.agent), seen.lnP);
      const reached = tierOf(lnP, limit());
      if (reached <= (data[at + tier] ?? 0)) return;
      data[at + tier] = reached;
      if (seen.isPlanned) return onHeldBack();
      const evidence = evidenceOf(watches, view, seen);
      if (evidence.length > 0)
        onSignal(signalOf(agents, { view, lnP, tier: reached, evidence, firstSeen: firstSeen.of(view) }));
    },
    find: (detector, finding) => {
      const { agent, peer, time } = finding;
      if (finding.lnP > limit()) return;
      if (planned.of({ time, space: agents.space(agent) }, agent, peer) !== 'no') onHeldBack();
      else onSignal(foundSignal(agents, detector, finding));
    },
    forgetAgent: windows.clear,
    save: (state) => {
      windows.save(state);
      tails.save(state);
      rate.save(state);
    },
    restore: (state) => {
      windows.restore(state);
      tails.restore(state);
      rate.restore(state);
    },
  };
}

/** How many agent-windows a day there are lately, by event time; one a day while nothing is known. */
function createWindowRate() {
  let windows = 0;
  let days = 0;
  let newest = 0;
  return {
    perDay: () => (windows + 1) / (days + 1 / 24),
    note: (time: number) => {
      if (time > newest) {
        const passedMs = newest === 0 ? 0 : time - newest;
        const fading = 2 ** (-passedMs / windowsHalfLifeMs);
        windows *= fading;
        days = days * fading + passedMs / dayMs;
        newest = time;
      }
      windows += 1;
    },
    save: (state: StateWriter) => state.value('rate', { windows, days, newest }),
    restore: (state: StateReader) => {
      const saved = (state.value('rate') ?? {}) as { windows?: number; days?: number; newest?: number };
      windows = saved.windows ?? 0;
      days = saved.days ?? 0;
      newest = saved.newest ?? 0;
    },
  };
}

/** How often a window of this ln p has told: 0 = not yet. */
function tierOf(lnP: number, lnPMax: number): number {
  if (lnP > lnPMax) return 0;
  return 1 + Math.floor(Math.log(lnP / lnPMax) / Math.log(tierBase));
}

function evidenceOf(watches: readonly Watch[], view: View, seen: Seen): Evidence[] {
  const strong: { readonly watch: Watch; readonly lnP: number }[] = [];
  for (const [i, watch] of watches.entries()) {
    const lnP = seen.lnPs[i] ?? 1;
    if (lnP <= 0) strong.push({ watch, lnP });
  }
  strong.sort((a, b) => a.lnP - b.lnP); // stable: equally strong ones stay in the detectors' order
  const listed = strong.filter(({ lnP }, i) => i === 0 || lnP <= evidenceLnPMax).slice(0, evidenceMax);
  return listed.map(({ watch, lnP }) => ({
    detector: watch.detector.name,
    p: Math.exp(lnP),
    ...watch.model.evidence(view),
    ...(watch.detector.kind === 'rule' && { working: tierWorking(lnP) }),
  }));
}

/** The working of a rule: its p stands for a tier. */
function tierWorking(lnP: number): Working {
  const p = Math.exp(lnP);
  const tier = Object.entries(rulePs).find(([, of]) => Math.abs(of / p - 1) < 1e-9);
  const known = tier ?? ['a tier of its own', p];
  return { combine: 'product', steps: [{ name: known[0], formula: 'tier', numbers: { p: known[1] } }] };
}

interface Telling {
  readonly view: View;
  readonly lnP: number;
  readonly tier: number;
  readonly evidence: Evidence[];
  readonly firstSeen: FirstSeen;
}

function signalOf(agents: Agents, { view, lnP, tier: times, evidence, firstSeen }: Telling): Signal {
  const { event } = view;
  const agent = agents.id(view.agent);
  const start = Math.floor(view.time / windowMs) * windowMs;
  const cause = `${evidence[0]?.detector ?? 'agent'}/${view.side}/${agent}`;
  return {
    id: signalId([event.space, cause, String(start), String(times)]),
    time: view.time,
    space: event.space,
    agent,
    peer: agents.id(view.peer),
    cause,
    p: Math.exp(lnP),
    score: -lnP / Math.LN10,
    evidence,
    first_seen: firstSeen,
    events: [event.id],
    trace_id: event.trace_id ?? null,
  };
}

function foundSignal(agents: Agents, detector: string, finding: Finding): Signal {
  const { evidence, lnP, time } = finding;
  const agent = agents.id(finding.agent);
  const space = agents.space(finding.agent);
  const cause = `${detector}/${agent}`;
  return {
    id: signalId([space, cause, String(time)]),
    time,
    space,
    agent,
    peer: finding.peer < 0 ? null : agents.id(finding.peer),
    cause,
    p: Math.exp(lnP),
    score: -lnP / Math.LN10,
    evidence: [{ detector, p: Math.exp(lnP), ...evidence }],
    first_seen: null,
    events: [],
    trace_id: null,
  };
}

const signalIdCharacters = 32; // 128 bits of SHA-256

function signalId(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, signalIdCharacters);
}
