import type { AmissEvent } from '#shared/event.ts';
import { type Aspect, createCombination } from '#shared/explain/combination.ts';
import type { Reckoning } from '#shared/explain/reckoning.ts';
import type { Agents } from '../baseline/members/agents.ts';
import { type Detector, type DetectorModel, noTest, type View } from '../detectors/detector.ts';
import { createPresence, type Presence } from '../presence.ts';

/** A detector at work. */
export interface Watch {
  readonly detector: Detector;
  readonly model: DetectorModel;
}

/** The agents and edges of one event, by slot. */
export interface EventSlots {
  source: number;
  destination: number;
  edge: number;
  reverse: number;
}

/** Asks every detector about one event, from one end and then from the other. Scratch: reused from event to event. */
export interface Judge {
  /** The end that is looked at. */
  readonly view: View;
  /** Turns to one end of an event. */
  look(event: AmissEvent, side: View['side'], slots: EventSlots): void;
  /** Scores the given ends of an event and turns to the one that is more out of the ordinary; ln p of all together. */
  score(event: AmissEvent, sides: readonly View['side'][], slots: EventSlots): number;
  /** Name of the detector that was surprised most. */
  strongest(): string;
  /** ln p by detector of an end that was scored. */
  lnPs(side: View['side']): Float64Array;
  /** Every test of the event that was scored last, at all of its ends, in the order in which they were combined. */
  tests(): Reckoning['tests'];
  /** Lets every detector learn from the end that is looked at, of the event that was scored last. */
  learn(weight: number, isPlanned: boolean): void;
}

type WritableView = { -readonly [K in keyof View]: View[K] };

export function createJudge(watches: readonly Watch[], agents: Agents): Judge {
  const whole = createCombination();
  const part = createCombination();
  const presence = createPresence(watches.map(({ detector }) => detector.needs));
  const testsFrom = (side: View['side']) => testsOf(watches, side, presence);
  const tests = { source: testsFrom('source'), destination: testsFrom('destination') };
  const row = () => new Float64Array(watches.length).fill(noTest);
  const rows = { source: row(), destination: row() };
  const view = emptyView();
  let strongest = 'none';
  let least: number = noTest;
  let present = 0; // of the event that was scored last
  let scored: readonly View['side'][] = [];
  const look = turning(view, agents);
  const scoreSide = (isFirst: boolean): number => {
    const own = isFirst ? whole : part; // with one end the whole is that end
    own.clear();
    const lnPs = rows[view.side];
    for (const { needs, model, place, aspect, name } of tests[view.side]) {
      const lnP = (needs & present) === 0 ? noTest : model.score(view);
      lnPs[place] = lnP;
      if (lnP > 0) continue;
      own.add(aspect, lnP);
      if (!isFirst) whole.add(aspect, lnP);
      if (lnP < least) {
        strongest = name;
        least = lnP;
      }
    }
    return own.result();
  };
  return {
    view,
    look,
    score: (event, sides, slots) => {
      present = presence.of(event);
      scored = sides;
      strongest = 'none';
      least = noTest;
      let about: View['side'] = sides[0] ?? 'source';
      let leastOfSides: number = noTest;
      for (const side of sides) {
        look(event, side, slots);
        const lnP = scoreSide(side === sides[0]);
        if (lnP < leastOfSides) {
          about = side;
          leastOfSides = lnP;
        }
      }
      look(event, about, slots);
      return whole.result();
    },
    strongest: () => strongest,
    lnPs: (side) => rows[side],
    tests: () => {
      const told: Reckoning['tests'] = {};
      for (const side of scored) tell(told, side, tests[side], rows[side]);
      return told;
    },
    learn: (weight, isPlanned) => {
      view.isPlanned = isPlanned;
      for (const { needs, model } of tests[view.side]) {
        if ((needs & present) !== 0) model.learn(view, weight);
      }
    },
  };
}

/** How the view turns to one end of an event. */
function turning(view: WritableView, agents: Agents): Judge['look'] {
  return (event, side, slots) => {
    view.event = event;
    view.time = event.time;
    view.side = side;
    view.agent = side === 'source' ? slots.source : slots.destination;
    view.peer = side === 'source' ? slots.destination : slots.source;
    view.edge = slots.edge;
    view.reverse = slots.reverse;
    view.group = agents.group(view.agent);
    view.peerGroup = agents.group(view.peer);
    view.isPlanned = false;
  };
}

/** A detector as it is asked about one end of events. */
interface Test {
  readonly name: string;
  readonly model: DetectorModel;
  readonly aspect: Aspect | 'rule';
  /** Bits of which an event must have one. */
  readonly needs: number;
  /** Its number among all detectors. */
  readonly place: number;
}

/** Adds the tests of one end to those that are told. */
function tell(
  told: Reckoning['tests'],
  side: View['side'],
  tests: readonly Test[],
  lnPs: Float64Array,
): void {
  for (const { name, aspect, place } of tests) {
    const lnP = lnPs[place] ?? noTest;
    if (lnP > 0) continue;
    told[aspect] ??= {};
    told[aspect][`${name}/${side}`] = lnP;
  }
}

function testsOf(watches: readonly Watch[], side: View['side'], presence: Presence): readonly Test[] {
  return watches.flatMap(({ detector, model }, place) => {
    if ((detector.side ?? side) !== side) return [];
    const needs = presence.bitsOf(detector.needs);
    return [{ name: detector.name, model, aspect: aspectOf(detector), needs, place }];
  });
}

/** Rules, and tests that have put several aspects together by themselves, stand beside the sum of the others. */
function aspectOf({ kind, isWhole, aspect }: Detector): Aspect | 'rule' {
  return kind === 'rule' || isWhole === true ? 'rule' : (aspect ?? 'what');
}

function emptyView(): WritableView {
  const event = { id: '', time: 0, received_at: 0, space: '', source: '', destination: '' };
  return {
    event,
    time: 0,
    side: 'source',
    agent: 0,
    peer: 0,
    edge: 0,
    reverse: -1,
    group: 0,
    peerGroup: 0,
    isPlanned: false,
  };
}
