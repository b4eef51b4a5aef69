import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import { createTails } from '../calibration/tails.ts';
import type { Visit } from '../tables/belongings.ts';
import { createNames } from '../tables/names.ts';
import { createPairs } from '../tables/pairs.ts';
import { createRecords } from '../tables/records.ts';
import { createQuantities, logUpper, memoryMax, type Prediction } from './quantities.ts';

/** What a call took, against what it usually takes. Scratch: reused. */
interface JudgedTime {
  lnP: number;
  /** Logarithm of how many times as long as usual it took. */
  excess: number;
  /** How much longer than usual it took, in ms; 0 where it did not. */
  lateMs: number;
  isUnusual: boolean;
  /** Is enough known to speak of? */
  isKnown: boolean;
}

/**
 * What agents take by themselves for what they are asked, by agent and action; peer groups share their tails.
 *
 * Where a baseline has seen as much as it keeps, it takes from each moment as much as from any other of its last day:
 * an agent that is called a hundred times a second would else know no more than its last five seconds, and take what
 * began a minute ago for its nature.
 */
export interface OwnTimes {
  /** The number of what an agent is asked. */
  number(agent: number, action: string | undefined): number;
  judge(asked: number, group: number, ownMs: number): Readonly<JudgedTime>;
  /** Takes in what was judged last; `tailWeight` says how much it teaches of how often calls are unusual. */
  learn(time: number, weight: number, tailWeight: number): void;
  /** What was judged last is the new normal: what came before `time` is past. */
  renew(time: number): void;
  belongings(agent: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const actionsMax = 65_536;
// Event times are whole milliseconds: differences below mean nothing.
const grainMs = 1;
const ignorance = { center: Math.log(30 + grainMs), scale: 2, degrees: 2 };
const spreadMin = 0.1; // a tenth more or less is nobody's business
const outlierScales = 2;
// What is not known yet is wrong about each call in the same way: such surprises are one, and must not be gathered.
const knownFrom = 20;

export function createOwnTimes(): OwnTimes {
  const actions = createNames('actions', actionsMax);
  const pairs = createPairs('actions_of_agents');
  const own = createQuantities('own');
  const tails = createTails('tails');
  const paces = createPaces();
  // One object each: the hot path allocates nothing.
  const prediction: Prediction = { ...ignorance };
  const judged = { lnP: 0, excess: 0, lateMs: 0, isUnusual: false, isKnown: false };
  const last = { asked: 0, group: 0, value: 0, raw: 0 };
  return {
    number: (agent, action = '') => pairs.intern(agent, actions.intern(action)),
    judge: (asked, group, ownMs) => {
      Object.assign(prediction, ignorance);
      own.predict(asked, prediction);
      prediction.scale = Math.max(prediction.scale, spreadMin);
      last.asked = asked;
      last.group = group;
      last.value = Math.log(ownMs + grainMs);
      last.raw = logUpper(last.value, prediction);
      judged.excess = last.value - prediction.center;
      judged.lateMs = Math.max(0, ownMs + grainMs - Math.exp(prediction.center));
      judged.isUnusual = judged.excess > outlierScales * prediction.scale;
      judged.isKnown = own.weight(asked) >= knownFrom;
      judged.lnP = Math.min(0, tails.calibrate(group, last.raw));
      return judged;
    },
    learn: (time, weight, tailWeight) => {
      if (judged.isKnown) tails.learn(last.group, judged.isUnusual ? last.raw : 0, tailWeight);
      own.learn(last.asked, last.value, weight * paces.share(last.asked, time), prediction);
    },
    renew: (time) => paces.restart(last.asked, time),
    belongings: (agent, visit) =>
      visit.pairs(pairs, agent, (pair) => {
        own.belongings(pair, visit);
        paces.belongings(pair, visit);
      }),
    ...allOf([actions, pairs, own, tails, paces]),
  };
}

// What lasts for a day is the new normal (`patienceHours` of slow-agent): so far back a baseline reaches, at most.
const memoryMsMax = 86_400_000;

/** Fields of what an agent is asked. */
const first = 0; // when it was asked it first, UTC ms
const latest = 1; // and when it was over last

/** How much a moment may teach of an action, so that the whole of its memory counts alike. */
function createPaces() {
  const records = createRecords('paces', 2);
  return {
    /** The share of an observation that is taken in, in [0, 1]. */
    share: (asked: number, time: number): number => {
      const at = records.at(asked);
      const { data } = records;
      const before = data[at + latest] ?? 0;
      if (before === 0) data[at + first] = time;
      data[at + latest] = Math.max(time, before);
      const ageMs = Math.min(memoryMsMax, time - (data[at + first] ?? 0));
      if (ageMs <= 0) return 1;
      return Math.min(1, (memoryMax * Math.max(0, time - before)) / ageMs);
    },
    restart: (asked: number, time: number): void => {
      const at = records.at(asked);
      records.data[at + first] = time;
    },
    belongings: (asked: number, visit: Visit) => visit.row(records, asked),
    save: records.save,
    restore: records.restore,
  };
}
