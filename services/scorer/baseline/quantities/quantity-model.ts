import type { AmissEvent } from '#shared/event.ts';
import type { Counted } from '#shared/explain/working.ts';
import {
  type DetectorEvidence,
  type DetectorModel,
  noTest,
  type Surroundings,
  type View,
} from '../../detectors/detector.ts';
import { allOf } from '../../state.ts';
import { changeFields, noteUnusual } from '../calibration/change-test.ts';
import { createTails } from '../calibration/tails.ts';
import type { Visit } from '../tables/belongings.ts';
import { createNames, type Names } from '../tables/names.ts';
import { createPairs, type Pairs } from '../tables/pairs.ts';
import { createRecords } from '../tables/records.ts';
import { createQuantities, logUpper, type Prediction, usualRange } from './quantities.ts';
import { createTailDegrees } from './tail-degrees.ts';

/** A quantity that an event carries, and how to speak of it. */
export interface Quantity {
  /** Where the event carries it, in its unit. */
  readonly field: 'bytes_out' | 'bytes_in' | 'duration_ms';
  /** Events whose quantity says something about themselves; all unless given. */
  readonly isMeasured?: (event: AmissEvent) => boolean;
  readonly unit: string;
  /** Added before taking the logarithm: differences below it mean nothing. In the unit. */
  readonly grain: number;
  /** What is expected where nothing at all is known, in the unit, and how far off that may be: a factor of eˢ. */
  readonly ignorance: { readonly typical: number; readonly spread: number };
  /** What the logarithm may stray before it means anything, as a standard deviation: the floor of every prediction. */
  readonly spreadMin: (event: AmissEvent) => number;
  readonly sentence: (event: AmissEvent, value: number, typical: number) => string;
}

const actionsMax = 65_536;
// Nobody's Student distribution has a tail as small as tails are learned from within so many scales: 2.3 % at least.
const usualScales = 2;
// A day and a night have shown every hour: what stays unusual for longer is learned in full.
const patienceHours = 24;
// From here on the slot's own history outweighs what was known before it.
const selfFrom = 20;

/**
 * The living half of a detector of one quantity: too much of it is unusual. Each end of an edge has a baseline for
 * each action, whose prior is what the called agent's other callers experience, whose prior is the group's. Peaks are
 * judged by the group's own tail.
 */
export function createQuantityModel(quantity: Quantity, { agents }: Surroundings): DetectorModel {
  const levels = createLevels(quantity);
  const tails = createTails('tails');
  const degrees = createTailDegrees('degrees');
  const { isMeasured = () => true } = quantity;
  const measured = (event: AmissEvent) => (isMeasured(event) ? event[quantity.field] : undefined);
  const logOf = (value: number) => Math.log(value + quantity.grain);
  const predict = (view: View): Prediction => degrees.shaped(groupOf(view), levels.predict(view));
  const rawScore = (view: View, value: number) => logUpper(logOf(value), predict(view));

  return {
    score: (view) => {
      const value = measured(view.event);
      if (value === undefined) return noTest;
      return Math.min(0, tails.calibrate(groupOf(view), rawScore(view, value)));
    },
    evidence: (view): DetectorEvidence => {
      const value = measured(view.event) ?? 0;
      const inUnit = (logarithm: number) => Math.max(0, Math.exp(logarithm) - quantity.grain);
      const ofGroup = inUnit(levels.predictGroup(view).center);
      const prediction = predict(view);
      const typical = inUnit(prediction.center);
      const [lower, upper] = usualRange(prediction);
      const numbers = { value: logOf(value), ...prediction, ...tails.numbers(groupOf(view)) };
      const known = levels.knownOf(view);
      return {
        observed: value,
        expected: typical,
        lower: inUnit(lower),
        upper: inUnit(upper),
        unit: quantity.unit,
        baseline_source: known >= selfFrom ? 'self' : known > 0 ? 'mixed' : 'group',
        group: agents.groupName(groupOf(view)),
        group_expected: ofGroup,
        subject: view.event.action ?? null,
        from: view.time,
        to: view.time,
        sentence: quantity.sentence(view.event, value, typical),
        working: {
          combine: 'product',
          steps: [{ name: quantity.unit, formula: 'student-with-tail', numbers }],
          counted: countedOf(view.event, quantity.field),
        },
      };
    },
    learn: (view, weight) => {
      const value = measured(view.event);
      if (value === undefined) return;
      const logarithm = logOf(value);
      const group = groupOf(view);
      const prediction = levels.predict(view);
      const isUsual = logarithm <= prediction.center + usualScales * prediction.scale;
      levels.learn(view, logarithm, levels.hasChanged(view, !isUsual) ? 1 : weight);
      tails.learn(group, isUsual ? 0 : logUpper(logarithm, degrees.shaped(group, prediction)), weight);
      degrees.learn(group, logarithm, weight, prediction);
    },
    edgeBelongings: levels.edgeBelongings,
    agentBelongings: levels.agentBelongings,
    ...allOf([levels, tails, degrees]),
  };
}

function countedOf({ source, destination, time, action }: AmissEvent, what: Quantity['field']): Counted {
  return { what, source, destination, from: time, to: time, ...(action !== undefined && { action }) };
}

/** The group of whoever is called: how long an answer takes and how large it is are its ways. */
const groupOf = (view: View) => (view.side === 'source' ? view.peerGroup : view.group);
const calledOf = (view: View) => (view.side === 'source' ? view.peer : view.agent);
const endOf = ({ edge, side }: View) => edge * 2 + (side === 'source' ? 0 : 1);

/** Three baselines for one view, from the general to the particular: each prediction is the next one's prior. */
function createLevels({ grain, ignorance, spreadMin }: Quantity) {
  const actions: Names = createNames('actions', actionsMax);
  const endPairs: Pairs = createPairs('end_actions');
  const calledPairs: Pairs = createPairs('called_actions');
  const ends = createQuantities('ends');
  const called = createQuantities('called');
  const groups = createQuantities('groups');
  const changes = createRecords('changes', changeFields); // by the called agent's action
  const parts = [actions, endPairs, calledPairs, ends, called, groups, changes];
  const logTypical = Math.log(ignorance.typical + grain);
  // Two objects: the hot path allocates nothing.
  const ofGroup: Prediction = { center: 0, scale: 1, degrees: 1 };
  const prediction: Prediction = { center: 0, scale: 1, degrees: 1 };

  const predictGroup = (view: View): Prediction => {
    ofGroup.center = logTypical;
    ofGroup.scale = ignorance.spread;
    ofGroup.degrees = 2;
    groups.predict(groupOf(view), ofGroup);
    return ofGroup;
  };
  const predict = (view: View): Prediction => {
    const { center, scale, degrees } = predictGroup(view);
    prediction.center = center;
    prediction.scale = scale;
    prediction.degrees = degrees;
    const action = actions.find(view.event.action ?? '');
    if (action >= 0) {
      called.predict(calledPairs.find(calledOf(view), action), prediction);
      ends.predict(endPairs.find(endOf(view), action), prediction);
    }
    prediction.scale = Math.max(prediction.scale, spreadMin(view.event));
    return prediction;
  };
  return {
    predictGroup,
    predict,
    /** What was predicted last must be of this view: it says where an outlier begins, for all three. */
    learn: (view: View, value: number, weight: number) => {
      const action = actions.intern(view.event.action ?? '');
      ends.learn(endPairs.intern(endOf(view), action), value, weight, prediction);
      called.learn(calledPairs.intern(calledOf(view), action), value, weight, prediction);
      groups.learn(groupOf(view), value, weight, ofGroup);
    },
    /** Has an action of the called agent been unusual for so long, for whoever calls, that it is a new way? */
    hasChanged: (view: View, isUnusual: boolean): boolean => {
      const pair = calledPairs.intern(calledOf(view), actions.intern(view.event.action ?? ''));
      const at = changes.at(pair);
      return noteUnusual(changes.data, at, view.time, isUnusual) >= patienceHours;
    },
    knownOf: (view: View) => ends.weight(endPairs.find(endOf(view), actions.find(view.event.action ?? ''))),
    edgeBelongings: (edge: number, visit: Visit) => {
      for (const end of [edge * 2, edge * 2 + 1])
        visit.pairs(endPairs, end, (pair) => ends.belongings(pair, visit));
    },
    agentBelongings: (agent: number, visit: Visit) =>
      visit.pairs(calledPairs, agent, (pair) => {
        called.belongings(pair, visit);
        visit.row(changes, pair);
      }),
    ...allOf(parts),
  };
}
