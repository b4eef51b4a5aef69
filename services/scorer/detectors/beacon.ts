import { logAddExp } from '#shared/stats/log-add-exp.ts';
import { type IntervalSums, logRegularity } from '#shared/stats/log-regularity.ts';
import { createPrevalence } from '../baseline/prevalence.ts';
import { createRecords } from '../baseline/records.ts';
import { isToolCall } from '../baseline/tool-call.ts';
import {
  count,
  createTrains,
  period,
  start,
  type Trains,
  trainIntervals,
  trains,
} from '../baseline/trains.ts';
import { lengthText, numberText } from '../baseline/wording.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { type Detector, type DetectorModel, noTest, type Surroundings, type View } from './detector.ts';

/** Calls in a steady period on an edge that had none, to somebody whom the group hardly calls. */
export const beacon: Detector = {
  name: 'beacon',
  headline: 'calls like a clock',
  summary: 'Calls in a steady period, where that is new for the edge and rare within the peer group',
  source:
    "Moran's statistic with Bartlett's correction: detection reference, 2.4; p-values weighted by rarity as Genovese, Roeder & Wasserman 2006, Biometrika 93(3)",
  kind: 'statistic',
  side: 'source',
  aspect: 'when',
  techniques: [
    { framework: 'ATT&CK', id: 'T1071', name: 'Application Layer Protocol' },
    { framework: 'ATT&CK', id: 'T1029', name: 'Scheduled Transfer' },
  ],
  create: createBeacon,
};

// A train is looked at three times, so that a clock without jitter need not be waited for; each look costs ln 3.
const looks: readonly number[] = [trainIntervals / 3, (2 * trainIntervals) / 3, trainIntervals];
// From here on a train is said to be regular: chance does it once in 10,000 trains.
const regularLnP = Math.log(1e-4);
// The same clock as before: its mean interval changed by less than half.
const samePeriod = Math.log(1.5);
// RITA's thresholds of prevalence: whom half of the group calls is common, whom 2 % call is as rare as can be.
const rarityMin = 2;
const rarityMax = 50;
// Either a group has clocks or it has none: a prior that one train outweighs.
const priorTrains = 1;
const priorRegular = 1e-4;
const trainsMax = 10_000; // of a group; beyond it the old ones fade

/** Fields of a group's record; the first two are of edges' first trains, the next two of later ones. */
const judged = 0;
const regular = 1;
const kinds = 2;
const weighed = 4; // all trains, and the sum of their weights
const weights = 5;
const groupWidth = 6;

function createBeacon({ agents }: Surroundings): DetectorModel {
  const beats = createTrains('trains');
  const clocks = createClocks(beats);
  const { records } = beats;

  return {
    score: (view) => {
      if (!isJudged(view)) return noTest;
      // Cheap first: most calls are not the eighth of a train.
      if (!looks.includes((records.data[records.at(view.edge) + count] ?? 0) + 1)) return noTest;
      const interval = beats.interval(view.edge, view.time);
      if (interval === 0) return noTest;
      const train = beats.read(view.edge, interval);
      if (isSameClock(beats, view)) return noTest;
      if (spreadOf(train) >= chanceSpread) return 0; // as uneven as chance, or more: no need to reckon how much
      return clocks.lnP(view, Math.max(lnPMin, logRegularity(train)) + Math.log(looks.length));
    },
    evidence: (view) => {
      const train = beats.read(view.edge, beats.interval(view.edge, view.time));
      const mean = train.sum / Math.max(1, train.count);
      const [id, peer] = [agents.id(view.agent), agents.id(view.peer)];
      return {
        observed: train.count === 0 ? 0 : spreadOf(train),
        expected: chanceSpread,
        lower: null,
        upper: null,
        unit: 'unevenness of the intervals: 0 of a clock, 0.577 of chance arrivals',
        baseline_source: 'group',
        group: agents.groupName(view.group),
        group_expected: null,
        subject: peer,
        from: records.data[records.at(view.edge) + start] ?? 0,
        to: view.time,
        sentence: `${id} calls ${peer} every ${periodText(mean)}, ${train.count} times in a row and too evenly for chance; ${clocks.callersText(view)} of its group call it`,
      };
    },
    learn: (view, weight) => {
      if (!isJudged(view)) return;
      clocks.meet(view);
      beats.learn(view.edge, view.time);
      if ((records.data[records.at(view.edge) + count] ?? 0) < trainIntervals) return;
      const train = beats.read(view.edge, 0);
      const isRegular = spreadOf(train) < chanceSpread && logRegularity(train) < regularLnP;
      if (!isSameClock(beats, view)) clocks.note(view, isRegular ? weight : 0);
      beats.close(view.edge, isRegular ? Math.log(train.sum / train.count) : 0);
    },
    forgetAgent: clocks.forgetAgent,
    forgetEdge: (edge) => {
      records.clear(edge);
      clocks.forgetEdge(edge);
    },
    save: (state) => {
      beats.save(state);
      clocks.save(state);
    },
    restore: (state) => {
      beats.restore(state);
      clocks.restore(state);
    },
  };
}

// A language model calls its tools when a task comes, and tasks are often put on a timetable.
const isJudged = (view: View) => view.side === 'source' && !isToolCall(view.event);

/** How uneven the intervals are: the log of their mean less the mean of their logs. */
const spreadOf = ({ count: intervals, sum, logSum }: IntervalSums) =>
  Math.log(sum / intervals) - logSum / intervals;

/** Does the train that was read last go by the same clock as the edge's train before it? */
function isSameClock({ records, train }: Trains, view: View): boolean {
  const before = records.data[records.at(view.edge) + period] ?? 0;
  return before !== 0 && Math.abs(Math.log(train.sum / train.count) - before) < samePeriod;
}

/** How common clocks are among the trains of a peer group, and how rare the destination is in it. */
function createClocks({ records }: Trains) {
  const prevalence = createPrevalence();
  const groups = createRecords('groups', groupWidth);
  const groupAt = (view: View) =>
    groups.at(view.group) + ((records.data[records.at(view.edge) + trains] ?? 0) > 0 ? kinds : 0);
  /** What a train is worth looking at: more on a new edge, more towards somebody whom few of the group call. */
  const weightOf = (view: View) => {
    const rarity = prevalence.members(view) / prevalence.callers(view);
    const age = records.data[records.at(view.edge) + trains] ?? 0;
    return Math.min(rarityMax, Math.max(rarityMin, rarity)) / (1 + age);
  };
  /** ln of the train's weight in units of the group's mean: with weights of mean 1 the p-values stay true. */
  const lnWeight = (view: View) => {
    const at = groups.at(view.group);
    const own = weightOf(view);
    const mean = ((groups.data[at + weights] ?? 0) + own) / ((groups.data[at + weighed] ?? 0) + 1);
    return Math.log(own / mean);
  };
  return {
    /** ln of how often a train of the group is as regular, by chance or because the group has clocks; weighted. */
    lnP: (view: View, byChance: number): number => {
      const at = groupAt(view);
      const known = (groups.data[at + judged] ?? 0) + priorTrains;
      const share = ((groups.data[at + regular] ?? 0) + priorRegular) / known;
      return Math.min(0, logAddExp(Math.log(Math.min(1, share)), byChance) - lnWeight(view));
    },
    callersText: (view: View) =>
      `${numberText(prevalence.callers(view))} of ${numberText(prevalence.members(view))}`,
    meet: prevalence.learn,
    note: (view: View, regularTrains: number) => {
      const at = groupAt(view);
      const group = groups.at(view.group);
      addFading(groups.data, { counted: at + judged, summed: at + regular, value: regularTrains });
      addFading(groups.data, { counted: group + weighed, summed: group + weights, value: weightOf(view) });
    },
    forgetAgent: prevalence.forgetAgent,
    forgetEdge: prevalence.forgetEdge,
    save: (state: StateWriter) => {
      prevalence.save(state);
      groups.save(state);
    },
    restore: (state: StateReader) => {
      prevalence.restore(state);
      groups.restore(state);
    },
  };
}

interface Addition {
  readonly counted: number;
  readonly summed: number;
  readonly value: number;
}

/** Counts one more, of this value; beyond 10,000 the old ones fade. */
function addFading(data: Float64Array, { counted, summed, value }: Addition): void {
  const fading = (data[counted] ?? 0) >= trainsMax ? 0.5 : 1;
  data[counted] = (data[counted] ?? 0) * fading + 1;
  data[summed] = (data[summed] ?? 0) * fading + value;
}

// A perfect clock has a p of 0, of which there is no logarithm.
const lnPMin = -700;
// Euler's constant: what chance arrivals show, on average of many.
const chanceSpread = 0.5772;
const minuteMs = 60_000;

const periodText = (ms: number) => (ms < minuteMs * 2 ? `${numberText(ms / 1000)} seconds` : lengthText(ms));
