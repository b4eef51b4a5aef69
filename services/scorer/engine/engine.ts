import type { AmissEvent } from '#shared/event.ts';
import type { Signal } from '#shared/signal.ts';
import { learningWeight } from '../baseline/calibration/learning.ts';
import { createFirstSeen } from '../baseline/categories/first-seen.ts';
import { createRanks } from '../baseline/categories/ranks.ts';
import { createAgents } from '../baseline/members/agents.ts';
import { createVersions } from '../baseline/members/versions.ts';
import { createEdges } from '../baseline/tables/edges.ts';
import { createRecords, type Records } from '../baseline/tables/records.ts';
import type { Decisions } from '../decisions.ts';
import type { Detector, Finding, Minute, View } from '../detectors/detector.ts';
import { alertsPerDayDefault } from '../settings.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { Attic } from './attic.ts';
import { createForgetting, type Forgetting } from './forgetting.ts';
import { createJudge, type EventSlots, type Watch } from './judge.ts';
import { type Announced, createPlannedChanges } from './planned-changes.ts';
import type { Room } from './room.ts';
import { createSignals, type Signals } from './signals.ts';
import { createSpaceClocks, type SpaceClocks } from './space-clocks.ts';

/** Which ends of an event this engine keeps the baselines of. */
type Ends = 'both' | 'source' | 'destination';

/** What the engine says of one event. The same object every time: copy what is to be kept. */
export interface Verdict {
  /** Natural logarithm of the combined p. */
  readonly lnP: number;
  /** The detector that was surprised most, or `none`. */
  readonly detector: string;
}

/** Events in, signals out. In memory, event time only: the same events give the same signals, byte for byte. */
export interface Engine {
  process(event: AmissEvent, ends: Ends): Verdict;
  /** Events that came after their time was over, and taught nothing. */
  readonly late: number;
  /** The newest event time so far of all spaces, UTC ms. */
  readonly time: number;
  readonly agents: number;
  /** Agents and edges forgotten for want of room. */
  readonly forgotten: number;
  /** Agents and edges that were forgotten, came back, and found their baseline. */
  readonly returned: number;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export interface EngineOptions {
  readonly detectors: readonly Detector[];
  readonly decisions: Decisions;
  readonly onSignal: (signal: Signal) => void;
  /** The budget: how readily a window becomes a signal follows from it. */
  readonly alertsPerDay?: number;
  /** A signal was not told, because a planned change announced what it shows. */
  readonly onHeldBack?: () => void;
  /** Events older than the newest of their space by more than this are counted as late and only scored. */
  readonly latenessMs?: number;
  /** Agents, and edges, that are known at once; beyond it those idle for longest are forgotten. */
  readonly agentsMax?: number;
  readonly edgesMax?: number;
  /** Where baselines wait that there is no room for; in memory, and gone with the process, unless given. */
  readonly attic?: Attic;
}

const latenessMsDefault = 600_000; // shippers that batch for minutes are common, for hours rare
// An answer belongs to its call: it is as surprising as what it answers, for as long as the hour's counts run.
const answerMs = 3_600_000;
const callerBinsPerOctave = 8;

/** Tables of the engine beside the detectors' own, each saved under its name. */
function createTables() {
  const agents = createAgents();
  return {
    agents,
    edges: createEdges(),
    callers: createRanks('callers', callerBinsPerOctave),
    firstSeen: createFirstSeen(agents),
    versions: createVersions(),
    latest: createRecords('latest', 2), // by edge: time and ln p of its newest event
    clocks: createSpaceClocks(),
  };
}

type Tables = ReturnType<typeof createTables>;

export function createEngine(options: EngineOptions): Engine {
  const tables = createTables();
  const { agents, edges, callers, firstSeen, versions, latest, clocks } = tables;
  const surroundings = { agents, edges, callers, decisions: options.decisions };
  const watches: readonly Watch[] = options.detectors.map((detector) => ({
    detector,
    model: detector.create(surroundings),
  }));
  const judge = createJudge(watches, agents);
  const { onSignal, onHeldBack = () => undefined } = options;
  const planned = createPlannedChanges(options.decisions, agents);
  const told = { onSignal, onHeldBack, alertsPerDay: options.alertsPerDay ?? alertsPerDayDefault };
  const signals = createSignals({ watches, agents, firstSeen, versions, planned, ...told });
  const forgetting = createForgetting({ tables, watches, signals, options });
  const parts = partsOf(tables, { watches, signals, room: forgetting.room });
  const latenessMs = options.latenessMs ?? latenessMsDefault;
  const advance = advancer(watches, clocks, signals);
  const verdict = { lnP: 0, detector: 'none' };
  const slots: EventSlots = { source: 0, destination: 0, edge: 0, reverse: -1 };
  let late = 0;

  const learn = (event: AmissEvent, ends: Ends, { weight, isPlanned }: Teaching) => {
    for (const side of sidesOf[ends]) {
      judge.look(event, side, slots);
      judge.learn(weight, isPlanned);
      firstSeen.learn(judge.view);
    }
    if (ends === 'destination') return;
    callers.learn(slots.source, agents.population(slots.source), event.time);
    if (event.source_version !== undefined) versions.learn(slots.source, event.source_version, event.time);
  };

  return {
    process: (event, ends) => {
      const space = agents.populationOf(event.space);
      advance(space, event.time);
      forgetting.room.make();
      intern(tables, event, slots, forgetting);
      const lnP = judge.score(event, sidesOf[ends], slots);
      // Evidence is asked for before learning, or it would not be what was scored.
      const announced = planned.of(event, slots.source, slots.destination);
      signals.see(judge.view, {
        lnP,
        lnPs: judge.lnPs(judge.view.side),
        tests: judge.tests,
        isPlanned: announced !== 'no',
      });
      if (event.time < clocks.of(space) - latenessMs) late += 1;
      else learn(event, ends, teachingOf(lnP, announced));
      verdict.detector = judge.strongest();
      verdict.lnP = withAnswer(latest, slots, event.time, lnP);
      return verdict;
    },
    get late() {
      return late;
    },
    get time() {
      return clocks.newest;
    },
    get agents() {
      return agents.count;
    },
    get forgotten() {
      return forgetting.room.forgotten;
    },
    get returned() {
      return forgetting.returned;
    },
    save: (state) => {
      state.value('late', late);
      for (const [name, part] of parts) part.save(state.within(name));
    },
    restore: (state) => {
      late = Number(state.value('late') ?? 0);
      for (const [name, part] of parts) part.restore(state.within(name));
    },
  };
}

/** Lets the detectors know how far event time has come in a space. */
function advancer(watches: readonly Watch[], clocks: SpaceClocks, signals: Signals) {
  const waiting = watches.flatMap(({ detector, model }) => {
    const report = (finding: Finding) => signals.find(detector.name, finding);
    return model.advance === undefined ? [] : [(minute: Minute) => model.advance?.(minute, report)];
  });
  return (space: number, time: number) =>
    clocks.reach(space, time, (reached) => {
      for (const tell of waiting) tell({ space, time: reached });
    });
}

/** All that has state, by the name that it is saved under. */
function partsOf(
  tables: Tables,
  parts: { readonly watches: readonly Watch[]; readonly signals: Signals; readonly room: Room },
) {
  const { watches, signals, room } = parts;
  return [
    ['room', room] as const,
    ...Object.entries(tables),
    ['signals', signals] as const,
    ...watches.map(({ detector, model }) => [`detectors/${detector.name}`, model] as const),
  ];
}

interface Teaching {
  readonly weight: number;
  /** A change that is to be the new normal at once. */
  readonly isPlanned: boolean;
}

function teachingOf(lnP: number, announced: Announced): Teaching {
  const isPlanned = announced === 'relearn';
  return { weight: isPlanned ? 1 : learningWeight(lnP), isPlanned };
}

/** Finds the slots of an event; who is new is given one, and what was stored of it. */
function intern(
  { agents, edges }: Tables,
  event: AmissEvent,
  slots: EventSlots,
  forgetting: Forgetting,
): void {
  const [agentsBefore, edgesBefore] = [agents.count, edges.count];
  slots.source = agents.intern(event.space, event.source, event.source_kind, event.time);
  if (agents.count > agentsBefore) forgetting.welcomeAgent(slots.source);
  const withSource = agents.count;
  slots.destination = agents.intern(event.space, event.destination, event.destination_kind, event.time);
  if (agents.count > withSource) forgetting.welcomeAgent(slots.destination);
  slots.edge = edges.intern(slots.source, slots.destination);
  if (edges.count > edgesBefore) forgetting.welcomeEdge(slots.edge);
  slots.reverse = edges.find(slots.destination, slots.source);
}

const sidesOf: Readonly<Record<Ends, readonly View['side'][]>> = {
  both: ['source', 'destination'],
  source: ['source'],
  destination: ['destination'],
};

/** The event's ln p, or that of the newest event of the other direction where it is smaller and still fresh. */
function withAnswer(latest: Records, slots: EventSlots, time: number, lnP: number): number {
  const at = latest.at(slots.edge);
  latest.data[at] = time;
  latest.data[at + 1] = lnP;
  if (slots.reverse < 0) return lnP;
  const answered = latest.at(slots.reverse);
  const isFresh = time - (latest.data[answered] ?? 0) <= answerMs;
  return isFresh ? Math.min(lnP, latest.data[answered + 1] ?? 0) : lnP;
}
