import type { AmissEvent } from '#shared/event.ts';
import type { Signal } from '#shared/signal.ts';
import { createAgents } from './baseline/agents.ts';
import { createEdges } from './baseline/edges.ts';
import { createFirstSeen } from './baseline/first-seen.ts';
import { learningWeight } from './baseline/learning.ts';
import { createRanks } from './baseline/ranks.ts';
import { createRecords } from './baseline/records.ts';
import { createCombination } from './combine.ts';
import type { Decisions } from './decisions.ts';
import { type Detector, type DetectorModel, noTest, type View } from './detectors/detector.ts';
import { createSignals } from './signals.ts';
import type { StateReader, StateWriter } from './state.ts';

/** Which ends of an event this engine keeps the baselines of. */
export type Ends = 'both' | 'source' | 'destination';

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
  /** The newest event time so far, UTC ms. */
  readonly time: number;
  readonly agents: number;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export interface EngineOptions {
  readonly detectors: readonly Detector[];
  readonly decisions: Decisions;
  readonly onSignal: (signal: Signal) => void;
  /** Events older than the newest by more than this are counted as late and only scored. */
  readonly latenessMs?: number;
}

/** A detector at work. */
export interface Watch {
  readonly detector: Detector;
  readonly model: DetectorModel;
}

const latenessMsDefault = 600_000; // shippers that batch for minutes are common, for hours rare
const minuteMs = 60_000;
// An answer belongs to its call: it is as surprising as what it answers, for as long as the hour's counts run.
const answerMs = 3_600_000;
const callerBinsPerOctave = 8;

type WritableView = { -readonly [K in keyof View]: View[K] };

export function createEngine(options: EngineOptions): Engine {
  const agents = createAgents();
  const edges = createEdges();
  const callers = createRanks('callers', callerBinsPerOctave);
  const surroundings = { agents, edges, callers, decisions: options.decisions };
  const watches: readonly Watch[] = options.detectors.map((detector) => ({
    detector,
    model: detector.create(surroundings),
  }));
  const firstSeen = createFirstSeen(agents);
  const signals = createSignals({ watches, agents, firstSeen, onSignal: options.onSignal });
  const latest = createRecords('latest', 2); // by edge: time and ln p of its newest event
  const latenessMs = options.latenessMs ?? latenessMsDefault;
  const whole = createCombination();
  const part = createCombination();
  const lnPs = [new Float64Array(watches.length), new Float64Array(watches.length)] as const;
  const verdict = { lnP: 0, detector: 'none' };
  const view: WritableView = emptyView();
  let time = 0;
  let late = 0;

  const look = (event: AmissEvent, side: View['side'], ends: Slots) => {
    view.event = event;
    view.time = event.time;
    view.side = side;
    view.agent = side === 'source' ? ends.source : ends.destination;
    view.peer = side === 'source' ? ends.destination : ends.source;
    view.edge = ends.edge;
    view.reverse = ends.reverse;
    view.group = agents.group(view.agent);
    view.peerGroup = agents.group(view.peer);
  };
  /** Scores one end of the event into its row of `lnPs`; returns that end's own ln p. */
  const scoreSide = (row: Float64Array): number => {
    part.clear();
    for (let i = 0; i < watches.length; i += 1) {
      const watch = watches[i];
      if (watch === undefined) continue;
      const lnP = watch.model.score(view);
      row[i] = lnP;
      if (lnP > 0) continue;
      const isAlone = watch.detector.kind === 'rule' || watch.detector.isWhole === true;
      const aspect = isAlone ? 'rule' : (watch.detector.aspect ?? 'what');
      part.add(aspect, lnP);
      whole.add(aspect, lnP);
      if (verdict.detector === 'none' || lnP < verdict.lnP) {
        verdict.detector = watch.detector.name;
        verdict.lnP = lnP;
      }
    }
    return part.result();
  };
  const learnSide = (weight: number) => {
    for (const { model } of watches) model.learn(view, weight);
    firstSeen.learn(view);
  };
  const advanceTo = (now: number) => {
    const from = Math.max(Math.floor(time / minuteMs) + 1, Math.floor(now / minuteMs) - minutesCaughtUpMax);
    for (let minute = from; minute * minuteMs <= now; minute += 1) {
      for (const { detector, model } of watches) {
        model.advance?.(minute * minuteMs, (finding) => signals.find(detector.name, finding));
      }
    }
    time = now;
  };
  const slots: { source: number; destination: number; edge: number; reverse: number } = {
    source: 0,
    destination: 0,
    edge: 0,
    reverse: -1,
  };

  return {
    process: (event, ends) => {
      if (event.time > time) advanceTo(event.time);
      slots.source = agents.intern(event.space, event.source, event.source_kind, event.time);
      slots.destination = agents.intern(event.space, event.destination, event.destination_kind, event.time);
      slots.edge = edges.intern(slots.source, slots.destination);
      slots.reverse = edges.find(slots.destination, slots.source);
      whole.clear();
      verdict.detector = 'none';
      let [sourceLnP, destinationLnP] = [noTest, noTest];
      if (ends !== 'destination') {
        look(event, 'source', slots);
        sourceLnP = scoreSide(lnPs[0]);
      }
      if (ends !== 'source') {
        look(event, 'destination', slots);
        destinationLnP = scoreSide(lnPs[1]);
      }
      const lnP = whole.result();
      const isLate = event.time < time - latenessMs;
      if (isLate) late += 1;
      const weight = learningWeight(lnP);
      // Whoever of the two ends is out of the ordinary is whom it is about; evidence is asked for before learning.
      const isAboutSource = sourceLnP <= destinationLnP;
      if (isAboutSource && ends !== 'destination') look(event, 'source', slots);
      signals.see(view, { lnP, lnPs: lnPs[view.side === 'source' ? 0 : 1] });
      if (!isLate) {
        if (ends !== 'destination') {
          look(event, 'source', slots);
          learnSide(weight);
          callers.learn(slots.source, agents.population(slots.source), event.time);
        }
        if (ends !== 'source') {
          look(event, 'destination', slots);
          learnSide(weight);
        }
      }
      verdict.lnP = withAnswer(latest, slots, event.time, lnP);
      return verdict;
    },
    get late() {
      return late;
    },
    get time() {
      return time;
    },
    get agents() {
      return agents.count;
    },
    save: (state) => {
      state.value('time', time);
      state.value('late', late);
      agents.save(state.within('agents'));
      edges.save(state.within('edges'));
      callers.save(state);
      latest.save(state);
      firstSeen.save(state.within('first-seen'));
      signals.save(state.within('signals'));
      for (const { detector, model } of watches) model.save(state.within(detector.name));
    },
    restore: (state) => {
      time = Number(state.value('time') ?? 0);
      late = Number(state.value('late') ?? 0);
      agents.restore(state.within('agents'));
      edges.restore(state.within('edges'));
      callers.restore(state);
      latest.restore(state);
      firstSeen.restore(state.within('first-seen'));
      signals.restore(state.within('signals'));
      for (const { detector, model } of watches) model.restore(state.within(detector.name));
    },
  };
}

interface Slots {
  readonly source: number;
  readonly destination: number;
  readonly edge: number;
  readonly reverse: number;
}

// After a gap of events longer than this nothing is left running that could close.
const minutesCaughtUpMax = 7 * 24 * 60;

/** The event's ln p, or that of the newest event of the other direction where it is smaller and still fresh. */
function withAnswer(
  latest: ReturnType<typeof createRecords>,
  slots: Slots,
  time: number,
  lnP: number,
): number {
  const at = latest.at(slots.edge);
  latest.data[at] = time;
  latest.data[at + 1] = lnP;
  if (slots.reverse < 0) return lnP;
  const answered = latest.at(slots.reverse);
  const isFresh = time - (latest.data[answered] ?? 0) <= answerMs;
  return isFresh ? Math.min(lnP, latest.data[answered + 1] ?? 0) : lnP;
}

function emptyView(): WritableView {
  const event = { id: '', time: 0, received_at: 0, space: '', source: '', destination: '' };
  return { event, time: 0, side: 'source', agent: 0, peer: 0, edge: 0, reverse: -1, group: 0, peerGroup: 0 };
}
