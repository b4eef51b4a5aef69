import { type BeatNumbers, beatWeight, emptyBeat, logBeat, looksPerTrain } from '#shared/explain/beat.ts';
import { logRegularity, unevennessOf } from '#shared/stats/log-regularity.ts';
import { createPrevalence } from '../baseline/categories/prevalence.ts';
import { isToolCall } from '../baseline/members/tool-call.ts';
import {
  count,
  createTrains,
  period,
  start,
  type Trains,
  trainIntervals,
  trains,
} from '../baseline/sequences/trains.ts';
import { createRecords } from '../baseline/tables/records.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { lengthText, numberText } from '../wording.ts';
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

// After so many intervals a train is looked at.
const looks: readonly number[] = Array.from(
  { length: looksPerTrain },
  (_, i) => ((i + 1) * trainIntervals) / looksPerTrain,
);
// From here on a train is said to be regular: chance does it once in 10,000 trains.
const regularLnP = Math.log(1e-4);
// The same clock as before: its mean interval changed by less than half.
const samePeriod = Math.log(1.5);
const trainsMax = 10_000; // of a group; beyond it the old ones fade
// Edges grow old, and their trains weigh less. That weights have a mean of 1 must hold among the trains of now: it is
// taken over the last ninth of a group's trains, where it is an eighth too high at most.
const lately = 8;

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
      if (unevennessOf(train) >= chanceUnevenness) return 0; // as uneven as chance, or more: no need to reckon how much
      return clocks.lnP(view);
    },
    evidence: (view) => {
      const train = beats.read(view.edge, beats.interval(view.edge, view.time));
      const mean = train.sum / Math.max(1, train.count);
      const [id, peer] = [agents.id(view.agent), agents.id(view.peer)];
      const from = records.data[records.at(view.edge) + start] ?? 0;
      return {
        observed: train.count === 0 ? 0 : unevennessOf(train),
        expected: chanceUnevenness,
        lower: null,
        upper: null,
        unit: 'unevenness of the intervals: 0 of a clock, 0.577 of chance arrivals',
        baseline_source: 'group',
        group: agents.groupName(view.group),
        group_expected: null,
        subject: peer,
        from,
        to: view.time,
        sentence: `${id} calls ${peer} every ${periodText(mean)}, ${train.count} times in a row and too evenly for chance; ${clocks.callersText(view)} of its group call it`,
        working: {
          combine: 'product',
          steps: [
            { name: `a train of calls to ${peer}`, formula: 'beat', numbers: { ...clocks.numbers(view) } },
          ],
          counted: { what: 'unevenness', source: id, destination: peer, from, to: view.time },
        },
      };
    },
    learn: (view, weight) => {
      if (!isJudged(view)) return;
      clocks.meet(view);
      beats.learn(view.edge, view.time);
      if ((records.data[records.at(view.edge) + count] ?? 0) < trainIntervals) return;
      const train = beats.read(view.edge, 0);
      const isRegular = unevennessOf(train) < chanceUnevenness && logRegularity(train) < regularLnP;
      if (!isSameClock(beats, view)) clocks.note(view, isRegular ? weight : 0);
      beats.close(view.edge, isRegular ? Math.log(train.sum / train.count) : 0);
    },
    forgetAgent: clocks.forgetAgent,
    edgeBelongings: (edge, visit) => visit.row(records, edge),
    forgetEdge: clocks.forgetEdge,
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

/** Does the train that was read last go by the same clock as the edge's train before it? */
function isSameClock({ records, train }: Trains, view: View): boolean {
  const before = records.data[records.at(view.edge) + period] ?? 0;
  return before !== 0 && Math.abs(Math.log(train.sum / train.count) - before) < samePeriod;
}

/** How common clocks are among the trains of a peer group, and how rare the destination is in it. */
function createClocks({ records, train }: Trains) {
  const prevalence = createPrevalence();
  const groups = createRecords('groups', groupWidth);
  const groupAt = (view: View) =>
    groups.at(view.group) + ((records.data[records.at(view.edge) + trains] ?? 0) > 0 ? kinds : 0);
  const found = emptyBeat(); // scratch: the hot path allocates nothing
  const read = (view: View): BeatNumbers => {
    const group = groups.at(view.group);
    const kind = groupAt(view);
    found.count = train.count;
    found.sum = train.sum;
    found.logSum = train.logSum;
    found.judged = groups.data[kind + judged] ?? 0;
    found.regular = groups.data[kind + regular] ?? 0;
    found.callers = prevalence.callers(view);
    found.members = prevalence.members(view);
    found.age = records.data[records.at(view.edge) + trains] ?? 0;
    found.weights = groups.data[group + weights] ?? 0;
    found.weighed = groups.data[group + weighed] ?? 0;
    return found;
  };
  return {
    /** ln p of the train that was read last. */
    lnP: (view: View): number => logBeat(read(view)),
    /** What `lnP` is computed from. */
    numbers: read,
    callersText: (view: View) =>
      `${numberText(prevalence.callers(view))} of ${numberText(prevalence.members(view))}`,
    meet: prevalence.learn,
    note: (view: View, regularTrains: number) => {
      const at = groupAt(view);
      const group = groups.at(view.group);
      const { data } = groups;
      const before = (data[group + judged] ?? 0) + (data[group + kinds + judged] ?? 0);
      const value = beatWeight(read(view));
      addFading(
        data,
        { counted: group + weighed, summed: group + weights, value },
        before / (before + lately),
      );
      const fading = (data[at + judged] ?? 0) >= trainsMax ? 0.5 : 1;
      addFading(data, { counted: at + judged, summed: at + regular, value: regularTrains }, fading);
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

/** Counts one more, of this value, after all before it have faded. */
function addFading(data: Float64Array, { counted, summed, value }: Addition, fading: number): void {
  data[counted] = (data[counted] ?? 0) * fading + 1;
  data[summed] = (data[summed] ?? 0) * fading + value;
}

// Euler's constant: what chance arrivals show, on average of many.
const chanceUnevenness = 0.5772;
const minuteMs = 60_000;

const periodText = (ms: number) => (ms < minuteMs * 2 ? `${numberText(ms / 1000)} seconds` : lengthText(ms));
