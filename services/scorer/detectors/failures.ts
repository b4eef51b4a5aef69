import type { Working } from '#shared/explain/working.ts';
import { logBetaBinomialTail } from '#shared/stats/log-beta-binomial-tail.ts';
import { createRecords, type Records } from '../baseline/records.ts';
import { type Detector, type DetectorModel, noTest, type Surroundings, type View } from './detector.ts';

/** More of an agent's calls fail, or are denied, than usually do. */
export const failures: Detector = {
  name: 'failures',
  headline: 'fails far more often than usual',
  summary: 'How many of the newest calls out of, or into, an agent failed, timed out or were denied',
  source: 'Beta-binomial predictive, Skellam 1948; detection reference 2.6',
  kind: 'statistic',
  needs: ['outcome'],
  techniques: [
    { framework: 'ATT&CK', id: 'T1110', name: 'Brute Force' },
    { framework: 'ATT&CK', id: 'T1046', name: 'Network Service Discovery' },
  ],
  create: createFailures,
};

// The newest calls are tested, the older ones are what they are tested against. As many as a number has bits.
const windowSize = 32;
// The group's share of failures counts as much as twenty calls of one's own.
const groupWeight = 20;
// Beyond so many calls the old ones fade: both counts are halved.
const memoryMax = 5000;

/** Fields of a record: failures and calls that have left the window, its outcomes as bits, and how many it holds. */
const failed = 0;
const total = 1;
const bits = 2;
const held = 3;

function createFailures({ agents }: Surroundings): DetectorModel {
  const ends = createRecords('ends', 4);
  const groups = createRecords('groups', 4);
  const endOf = ({ agent, side }: View) => agent * 2 + (side === 'source' ? 0 : 1);
  const groupOf = ({ group, side }: View) => group * 2 + (side === 'source' ? 0 : 1);
  const field = (slot: number, name: number) => ends.data[slot * 4 + name] ?? 0;
  const groupShare = (view: View) => {
    const at = groupOf(view) * 4;
    return ((groups.data[at + failed] ?? 0) + 0.5) / ((groups.data[at + total] ?? 0) + groupWeight);
  };
  /** The share that the view's agent is expected to fail in. */
  const shareOf = (view: View) => {
    const slot = endOf(view);
    const prior = groupShare(view) * groupWeight;
    return (field(slot, failed) + prior) / (field(slot, total) + groupWeight);
  };
  const trialsWith = (slot: number) => Math.min(windowSize, field(slot, held) + 1);
  const failuresWith = (slot: number) => 1 + bitsIn(field(slot, bits) & (2 ** (windowSize - 1) - 1));

  const numbersOf = (view: View) => {
    const slot = endOf(view);
    const known = field(slot, total) + groupWeight;
    const a = shareOf(view) * known;
    return { count: failuresWith(slot), trials: trialsWith(slot), a, b: known - a };
  };

  return {
    score: (view) => {
      if (!isFailure(view)) return isTold(view) ? 0 : noTest;
      return logBetaBinomialTail(numbersOf(view));
    },
    evidence: (view) => {
      const slot = endOf(view);
      const trials = trialsWith(slot);
      const expected = shareOf(view) * trials;
      const known = field(slot, total);
      const direction = view.side === 'source' ? 'by' : 'to';
      return {
        observed: failuresWith(slot),
        expected,
        lower: 0,
        upper: Math.min(trials, Math.ceil(expected + 2 * Math.sqrt(expected))),
        unit: `failures in ${trials} calls`,
        baseline_source: known >= groupWeight ? 'self' : known > 0 ? 'mixed' : 'group',
        group: agents.groupName(view.group),
        group_expected: groupShare(view) * trials,
        subject: agents.id(view.peer),
        from: view.time,
        to: view.time,
        sentence:
          `${failuresWith(slot)} of the last ${trials} calls ${direction} ${agents.id(view.agent)} failed or were ` +
          `denied, where ${expected.toFixed(1)} are usual; the latest: ${view.event.outcome} from ` +
          `${view.event.destination}`,
        // Evidence of a success is only asked for where nothing else was unusual either: it has no p to explain.
        ...(isFailure(view) && { working: workingOf(view, numbersOf(view), agents) }),
      };
    },
    learn: (view) => {
      if (isTold(view)) take([ends, endOf(view)], [groups, groupOf(view)], isFailure(view));
    },
    forgetAgent: (agent) => {
      ends.clear(agent * 2);
      ends.clear(agent * 2 + 1);
    },
    save: (state) => {
      ends.save(state);
      groups.save(state);
    },
    restore: (state) => {
      ends.restore(state);
      groups.restore(state);
    },
  };
}

interface FailureNumbers {
  readonly count: number;
  readonly trials: number;
  readonly a: number;
  readonly b: number;
}

function workingOf(view: View, numbers: FailureNumbers, agents: Surroundings['agents']): Working {
  const id = agents.id(view.agent);
  return {
    combine: 'product',
    steps: [{ name: 'the newest calls', formula: 'beta-binomial', numbers: { ...numbers } }],
    counted: {
      what: 'failures',
      source: view.side === 'source' ? id : null,
      destination: view.side === 'source' ? null : id,
      from: agents.firstSeen(view.agent),
      to: view.time,
      newest: numbers.trials,
    },
  };
}

const isTold = ({ event }: View) => event.outcome !== undefined && event.outcome !== 'unknown';
const isFailure = (view: View) => isTold(view) && view.event.outcome !== 'success';

/** Takes an outcome into the window; what leaves it becomes history, and the group's with it. */
function take(
  [ends, end]: readonly [Records, number],
  [groups, group]: readonly [Records, number],
  isFailed: boolean,
): void {
  const at = ends.at(end);
  const { data } = ends;
  const mask = data[at + bits] ?? 0;
  if ((data[at + held] ?? 0) >= windowSize) {
    const isLeaving = mask >= 2 ** (windowSize - 1) ? 1 : 0;
    remember(data, at, isLeaving);
    const groupAt = groups.at(group); // makes room, so before `data` is read
    remember(groups.data, groupAt, isLeaving);
  }
  data[at + bits] = (mask % 2 ** (windowSize - 1)) * 2 + (isFailed ? 1 : 0);
  data[at + held] = Math.min(windowSize, (data[at + held] ?? 0) + 1);
}

function remember(data: Float64Array, at: number, failure: number): void {
  data[at + failed] = (data[at + failed] ?? 0) + failure;
  data[at + total] = (data[at + total] ?? 0) + 1;
  if ((data[at + total] ?? 0) <= memoryMax) return;
  data[at + failed] = (data[at + failed] ?? 0) / 2;
  data[at + total] = (data[at + total] ?? 0) / 2;
}

/** How many of the 32 lowest bits are set. */
function bitsIn(mask: number): number {
  let rest = mask >>> 0;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
