import type { AmissEvent } from '#shared/event.ts';
import { type Aspect, createCombination } from '#shared/explain/combination.ts';
import type { Agents } from './baseline/agents.ts';
import { type Detector, type DetectorModel, noTest, type View } from './detectors/detector.ts';

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
  /** Lets every detector learn from the end that is looked at. */
  learn(weight: number, isPlanned: boolean): void;
}

type WritableView = { -readonly [K in keyof View]: View[K] };

export function createJudge(watches: readonly Watch[], agents: Agents): Judge {
  const whole = createCombination();
  const part = createCombination();
  const rows = {
    source: new Float64Array(watches.length),
    destination: new Float64Array(watches.length),
  };
  const view = emptyView();
  let strongest = 'none';
  let least: number = noTest;
  const look: Judge['look'] = (event, side, slots) => {
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
  const scoreSide = (): number => {
    part.clear();
    const row = rows[view.side];
    for (let i = 0; i < watches.length; i += 1) {
      const watch = watches[i];
      if (watch === undefined) continue;
      const lnP = watch.model.score(view);
      row[i] = lnP;
      if (lnP > 0) continue;
      const aspect = aspectOf(watch.detector);
      part.add(aspect, lnP);
      whole.add(aspect, lnP);
      if (lnP < least) {
        strongest = watch.detector.name;
        least = lnP;
      }
    }
    return part.result();
  };
  return {
    view,
    look,
    score: (event, sides, slots) => {
      whole.clear();
      strongest = 'none';
      least = noTest;
      let about: View['side'] = sides[0] ?? 'source';
      let leastOfSides: number = noTest;
      for (const side of sides) {
        look(event, side, slots);
        const lnP = scoreSide();
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
    learn: (weight, isPlanned) => {
      view.isPlanned = isPlanned;
      for (const { model } of watches) model.learn(view, weight);
    },
  };
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
