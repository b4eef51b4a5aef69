import { type LastingNumbers, lastingAllowance, logLasting } from '#shared/explain/lasting.ts';
import { logIncompleteGamma } from '#shared/stats/log-incomplete-gamma.ts';
import { learningWeight } from '../baseline/calibration/learning.ts';
import { createTails } from '../baseline/calibration/tails.ts';
import { createRecords, type Records } from '../baseline/tables/records.ts';
import { allOf, type StateReader, type StateWriter } from '../state.ts';

/**
 * Weak but lasting evidence: each window of an agent is only a little more surprising than its windows are, but so
 * many of them in a row are that chance cannot explain it. A cumulative sum S ← max(0, S + x − c) of surprises x,
 * where x = −ln P of so surprising a window: a gamma distribution with the agent's own mean, so that what is always a
 * little unusual does not add up, and the spread of its peer group.
 *
 * With x exponential, as it then is, S is the waiting time of a queue with steady arrivals and exponential service,
 * whose tail is exact: P(S > s) = σ e^(−(1−σ)s), where σ = e^(−(1−σ)c). What windows do beyond that, because they hang
 * together, the peer group's own past corrects, as for everything else.
 *
 * @source Page 1954, Biometrika 41 (cumulative sum); Kendall 1953 (GI/M/1); detection reference, 2.9
 */
export interface WeakEvidence {
  /** A window of an agent closed with this ln p, calibrated. */
  close(window: Window): void;
  /** ln p of what lasts, were the running window to close with this ln p now. Changes nothing. */
  lnP(window: Window): number;
  /** What it is made of. */
  run(agent: number): Run;
  /** The same with that window, and what `lnP` is computed from. */
  runWith(window: Window): RunWith;
  /** Which time the run tells, if a signal is due at this ln p; 0 = none. Takes note of it. */
  tell(agent: number, times: number): boolean;
  /** The slot has another agent. */
  clear(agent: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** The name that it goes by in evidence, and what is told of it: it is no detector's, but that of all together. */
export const weakEvidence = {
  name: 'weak-evidence',
  headline: 'a little unusual, but for long',
  techniques: [],
} as const;

interface Window {
  readonly agent: number;
  readonly group: number;
  readonly lnP: number;
  /** UTC ms. */
  readonly time: number;
}

/** A run of windows that began when the sum was last 0. */
interface Run {
  readonly from: number;
  readonly windows: number;
  /** Mean surprise of its windows, in units of the agent's own mean. */
  readonly mean: number;
}

export interface RunWith extends Run {
  readonly numbers: LastingNumbers;
}

// One window counts for no more than p = 0.018: a single surprise is told by itself and does not last.
const worthMax = 4;
// In means: what lies beyond teaches no more than this.
const surpriseMax = 4;
const idleMsMax = 3 * 86_400_000; // a weekend does not end a run, more does
const windowsMin = 6; // in a run, before it is said to last: half an hour of activity
const memoryMax = 2000; // windows after which an agent's mean fades: a week of unbroken activity
const groupMemoryMax = 100_000;
const varianceMin = 0.05; // of surprises in means: nothing real is steadier
const priorWindows = 100; // how much the group's mean counts in an agent's

// Fields of an agent's record.
const sum = 0;
const since = 1; // UTC ms
const newest = 2; // the run's newest window, UTC ms
const windows = 3; // of the run
const surprise = 4; // of the run, in means
const told = 5; // how many times the run has told
const seen = 6; // windows of the agent, fading
const total = 7; // their surprise in nats
const worths = 8; // what they were worth
const width = 9;
// Fields of a group's record.
const groupSeen = 0;
const groupTotal = 1;
const groupSquares = 2; // of surprises in means
const groupWidth = 3;

export function createWeakEvidence(): WeakEvidence {
  const agents = createRecords('weak-agents', width);
  const groups = createRecords('weak-groups', groupWidth);
  const tails = createTails('weak-tails');

  const ofAgent = (agent: number, field: number) => agents.data[agent * width + field] ?? 0;
  const ofGroup = (group: number, field: number) => groups.data[group * groupWidth + field] ?? 0;
  const meanOf = ({ agent, group }: Window): number => {
    const ofAll = (ofGroup(group, groupTotal) + 1) / (ofGroup(group, groupSeen) + 1);
    return (ofAgent(agent, total) + ofAll * priorWindows) / (ofAgent(agent, seen) + priorWindows);
  };
  /** Surprise in units of what the agent's windows are on average. */
  const relative = (window: Window): number => Math.min(surpriseMax, -window.lnP / meanOf(window));
  /** Of surprises in means: 1 / variance is the shape of their gamma distribution. */
  const shapeOf = (group: number): number => {
    const count = ofGroup(group, groupSeen) + 1;
    return 1 / Math.max(varianceMin, (ofGroup(group, groupSquares) + 2) / count - 1);
  };
  const worthOf = (window: Window): number => {
    const shape = shapeOf(window.group);
    return Math.min(worthMax, -logIncompleteGamma({ shape, x: shape * relative(window) }).upper);
  };
  const sumWith = (window: Window): number => {
    const { agent, time } = window;
    const before = time - ofAgent(agent, newest) > idleMsMax ? 0 : ofAgent(agent, sum);
    // Agents spread more or less than their group: what a window of theirs is worth on average is 1 all the same.
    const average = (ofAgent(agent, worths) + priorWindows) / (ofAgent(agent, seen) + priorWindows);
    return Math.max(0, before + worthOf(window) / average - lastingAllowance);
  };

  const runOf = (agent: number): Run => ({
    from: ofAgent(agent, since),
    windows: ofAgent(agent, windows) + 1,
    mean: ofAgent(agent, surprise) / Math.max(1, ofAgent(agent, windows)),
  });
  return {
    lnP: (window) => {
      if (ofAgent(window.agent, windows) + 1 < windowsMin) return 0;
      return tails.calibrate(window.group, logLasting(sumWith(window)));
    },
    close: (window) => {
      const { agent, group, lnP, time } = window;
      const usual = relative(window);
      const worth = worthOf(window);
      const taught = Math.min(-lnP, surpriseMax * meanOf(window));
      const reached = sumWith(window);
      tails.learn(group, logLasting(reached), learningWeight(tails.calibrate(group, logLasting(reached))));
      const at = agents.at(agent);
      const { data } = agents;
      if (reached === 0 || time - (data[at + newest] ?? 0) > idleMsMax) data.fill(0, at, at + seen);
      if (reached > 0) {
        if ((data[at + windows] ?? 0) === 0) data[at + since] = time;
        data[at + sum] = reached;
        data[at + newest] = time;
        data[at + windows] = (data[at + windows] ?? 0) + 1;
        data[at + surprise] = (data[at + surprise] ?? 0) + usual;
      }
      learnAgent(data, at, { taught, worth });
      learnGroup(groups, group, { taught, usual });
    },
    run: runOf,
    runWith: (window) => ({
      ...runOf(window.agent),
      numbers: { sum: sumWith(window), ...tails.numbers(window.group) },
    }),
    tell: (agent, times) => {
      if (times <= ofAgent(agent, told)) return false;
      const at = agents.at(agent); // makes room, so before `data` is read
      agents.data[at + told] = times;
      return true;
    },
    clear: agents.clear,
    ...allOf([agents, groups, tails]),
  };
}

function learnAgent(
  data: Float64Array,
  at: number,
  { taught, worth }: { readonly taught: number; readonly worth: number },
): void {
  const share = (data[at + seen] ?? 0) >= memoryMax ? 1 - 1 / memoryMax : 1;
  data[at + seen] = (data[at + seen] ?? 0) * share + 1;
  data[at + total] = (data[at + total] ?? 0) * share + taught;
  data[at + worths] = (data[at + worths] ?? 0) * share + worth;
}

function learnGroup(
  groups: Records,
  group: number,
  { taught, usual }: { readonly taught: number; readonly usual: number },
): void {
  const at = groups.at(group);
  const { data } = groups;
  const share = (data[at + groupSeen] ?? 0) >= groupMemoryMax ? 1 - 1 / groupMemoryMax : 1;
  data[at + groupSeen] = (data[at + groupSeen] ?? 0) * share + 1;
  data[at + groupTotal] = (data[at + groupTotal] ?? 0) * share + taught;
  data[at + groupSquares] = (data[at + groupSquares] ?? 0) * share + usual * usual;
}
