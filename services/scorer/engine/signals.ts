import { tailThreshold } from '#shared/explain/calibration.ts';
import type { Signal } from '#shared/signal.ts';
import { learningWeight } from '../baseline/calibration/learning.ts';
import { createLedTails } from '../baseline/calibration/led-tails.ts';
import type { FirstSeenTable } from '../baseline/categories/first-seen.ts';
import type { Agents } from '../baseline/members/agents.ts';
import { createGroupMembers } from '../baseline/members/group-members.ts';
import type { Versions } from '../baseline/members/versions.ts';
import { createRecords } from '../baseline/tables/records.ts';
import type { Finding, View } from '../detectors/detector.ts';
import { allOf, type StateReader, type StateWriter } from '../state.ts';
import type { Judge, Watch } from './judge.ts';
import type { PlannedChanges } from './planned-changes.ts';
import { createSignalMaker } from './signal-maker.ts';
import { createWeakEvidence } from './weak-evidence.ts';

/** What the tests of one end of an event said. */
interface Seen {
  readonly lnP: number;
  /** ln p by detector; above 0 = no test. */
  readonly lnPs: Float64Array;
  /** Every test of both ends, for the reckoning. */
  readonly tests: Judge['tests'];
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
// Surprises of an agent within half an hour of each other, the quiet that ends a case, are one: with every window of a
// flood the group's tail would learn that floods are ordinary. Runs declustering: Leadbetter 1991, Statistics &
// Probability Letters 12(4); what remains is how often a group has something to tell, which is what a budget is of.
const runWindows = 6;
// A case of the budget is chosen among twenty signals: fewer would hide what is only a little unusual, more would
// make the correlator, which reads them all, the narrow place. Never more than one window in four is told.
const signalsPerAlert = 20;
const signalPMax = 0.25;
const signalPMin = 1e-9;
const dayMs = 86_400_000;
const windowsHalfLifeMs = 2 * dayMs; // of the rate of windows, which doubles and halves with traffic
// A window tells again each time its surprise has grown by half: at most 15 times up to p = e^-2000.
const tierBase = 1.5;

// Fields of an agent's record.
const window = 0; // number of the running window + 1
const lowest = 1; // lowest ln p in it, calibrated not yet
const tier = 2; // how many times it has told
const lead = 3; // index of the detector that was surprised most when it was lowest
const unusual = 4; // number of the last window whose surprise lay in the tail + 1
const width = 5;

export interface SignalsOptions {
  readonly watches: readonly Watch[];
  readonly agents: Agents;
  readonly firstSeen: FirstSeenTable;
  readonly versions: Versions;
  readonly planned: PlannedChanges;
  readonly onSignal: (signal: Signal) => void;
  /** A signal was not told, because it was planned. */
  readonly onHeldBack: () => void;
  /** The budget that the signals are for. */
  readonly alertsPerDay: number;
}

export function createSignals(options: SignalsOptions): Signals {
  const { watches, agents, firstSeen, versions, planned, onSignal, onHeldBack } = options;
  const windows = createRecords('judged-windows', width);
  const tails = createLedTails('led-tails', namesOf(watches));
  const members = createGroupMembers();
  const weak = createWeakEvidence();
  const maker = createSignalMaker({ watches, agents, firstSeen, versions, members, windowMs });
  const rates = createWindowRates('rates');
  const limit = (agent: number) => limitOf(options.alertsPerDay, rates.perDay(agents.population(agent)));
  const open = (agent: number, time: number): number => {
    const at = windows.at(agent);
    const { data } = windows;
    const number = Math.floor(time / windowMs) + 1;
    const running = data[at + window] ?? 0;
    if (number <= running) return at;
    rates.note(agents.population(agent), time);
    const group = agents.group(agent);
    members.note(group, (running - 1) * windowMs, time);
    if (running > 0) {
      const closed = { group, lead: data[at + lead] ?? 0, lnP: data[at + lowest] ?? 0 };
      const lnP = tails.calibrate(closed);
      tails.learn(isMoreOfRun(data, at) ? { ...closed, lnP: 0 } : closed, learningWeight(lnP));
      weak.close({ agent, group, lnP, time: (running - 1) * windowMs });
    }
    data[at + window] = number;
    data[at + lowest] = 0;
    data[at + tier] = 0;
    return at;
  };
  /** What is only a little unusual, but has been for long. */
  const seeLasting = (view: View, seen: Seen, lnP: number) => {
    const { agent, group, time } = view;
    const running = { agent, group, lnP, time };
    const lasting = weak.lnP(running);
    const reached = tierOf(lasting, limit(agent));
    if (reached === 0 || !weak.tell(agent, reached)) return;
    if (seen.isPlanned) return onHeldBack();
    const told = { lnP: lasting, lnPs: seen.lnPs, tier: reached, run: weak.runWith(running) };
    onSignal(maker.ofLasting(view, told));
  };
  return {
    see: (view, seen) => {
      const at = open(view.agent, view.time);
      const { data } = windows;
      if (seen.lnP >= (data[at + lowest] ?? 0)) return;
      data[at + lowest] = seen.lnP;
      data[at + lead] = leadOf(seen.lnPs);
      const led = { group: view.group, lead: data[at + lead] ?? 0, lnP: seen.lnP };
      const lnP = tails.calibrate(led);
      seeLasting(view, seen, lnP);
      const reached = tierOf(lnP, limit(view.agent));
      if (reached <= (data[at + tier] ?? 0)) return;
      data[at + tier] = reached;
      if (seen.isPlanned) return onHeldBack();
      const calibration = { group: agents.groupName(view.group), ...tails.numbers(led) };
      const reckoning = { tests: seen.tests(), calibration };
      const signal = maker.ofWindow(view, { lnP, lnPs: seen.lnPs, tier: reached, reckoning });
      if (signal !== undefined) onSignal(signal);
    },
    find: (detector, finding) => {
      const { agent, peer, time } = finding;
      if (finding.lnP > limit(agent)) return;
      if (planned.of({ time, space: agents.space(agent) }, agent, peer) !== 'no') onHeldBack();
      else onSignal(maker.ofFinding(detector, finding));
    },
    forgetAgent: (agent) => clearAll([windows, weak], agent),
    ...allOf([windows, tails, members, weak, rates]),
  };
}

/** Is the window of this record, which closes, unusual as one shortly before it was? Takes note of it. */
function isMoreOfRun(data: Float64Array, at: number): boolean {
  if (-(data[at + lowest] ?? 0) <= tailThreshold) return false;
  const before = data[at + unusual] ?? 0;
  data[at + unusual] = data[at + window] ?? 0;
  return before > 0 && (data[at + window] ?? 0) - before <= runWindows;
}

function clearAll(parts: readonly { clear(slot: number): void }[], slot: number): void {
  for (const part of parts) part.clear(slot);
}

const namesOf = (watches: readonly Watch[]) => watches.map(({ detector }) => detector.name);

/** Index of the detector that is surprised most; 0 where none has a test. */
function leadOf(lnPs: Float64Array): number {
  let strongest = 0;
  for (let i = 1; i < lnPs.length; i += 1) {
    if ((lnPs[i] ?? 1) < (lnPs[strongest] ?? 1)) strongest = i;
  }
  return strongest;
}

/** From which ln p on a window is a signal, so that there are enough to choose alerts from and no more. */
function limitOf(alertsPerDay: number, windowsPerDay: number): number {
  const p = (signalsPerAlert * alertsPerDay) / windowsPerDay;
  return Math.log(Math.min(signalPMax, Math.max(signalPMin, p)));
}

/** How many agent-windows a day a space has lately, by its event time; one a day while nothing is known. */
function createWindowRates(name: string) {
  const records = createRecords(name, 3);
  const [noted, days, newest] = [0, 1, 2];
  return {
    perDay: (space: number) => {
      const at = records.at(space);
      return ((records.data[at + noted] ?? 0) + 1) / ((records.data[at + days] ?? 0) + 1 / 24);
    },
    note: (space: number, time: number) => {
      const at = records.at(space);
      const { data } = records;
      const before = data[at + newest] ?? 0;
      if (time > before) {
        const passedMs = before === 0 ? 0 : time - before;
        const fading = 2 ** (-passedMs / windowsHalfLifeMs);
        data[at + noted] = (data[at + noted] ?? 0) * fading;
        data[at + days] = (data[at + days] ?? 0) * fading + passedMs / dayMs;
        data[at + newest] = time;
      }
      data[at + noted] = (data[at + noted] ?? 0) + 1;
    },
    save: records.save,
    restore: records.restore,
  };
}

/** How often a window of this ln p has told: 0 = not yet. */
function tierOf(lnP: number, lnPMax: number): number {
  if (lnP > lnPMax) return 0;
  return 1 + Math.floor(Math.log(lnP / lnPMax) / Math.log(tierBase));
}
