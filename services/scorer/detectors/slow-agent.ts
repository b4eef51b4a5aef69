import { gatheredWith, logGathered } from '#shared/explain/gathered.ts';
import { changeFields, noteUnusual } from '../baseline/calibration/change-test.ts';
import { learningWeight } from '../baseline/calibration/learning.ts';
import { createOwnTimes, type OwnTimes } from '../baseline/quantities/own-times.ts';
import { createCommonDelays } from '../baseline/sequences/common-delays.ts';
import { type ClosedCall, createOpenCalls } from '../baseline/sequences/open-calls.ts';
import type { Visit } from '../baseline/tables/belongings.ts';
import { createRecords } from '../baseline/tables/records.ts';
import { allOf } from '../state.ts';
import { numberText } from '../wording.ts';
import {
  type Detector,
  type DetectorEvidence,
  type DetectorModel,
  noTest,
  type Surroundings,
  type View,
} from './detector.ts';

/** An agent takes longer for its own part of what it is asked, call after call; not those who wait for it. */
export const slowAgent: Detector = {
  name: 'slow-agent',
  headline: 'has become slow by itself',
  summary:
    'What an agent takes for its calls beside waiting for those that it calls, within a trace, over its last calls',
  source:
    'Gathered surprise: Page 1954, Biometrika 41, with the tail of Cramér 1930; own (exclusive) time of a span: Sigelman et al. 2010, Dapper',
  kind: 'statistic',
  needs: ['duration_ms'],
  techniques: [{ framework: 'ATT&CK', id: 'T1499', name: 'Endpoint Denial of Service' }],
  create: createSlowAgent,
};

const hundredth = Math.log(0.01);
// Agents are slow for seconds at a time (a collection, a full queue): what one sum in a hundred reaches says nothing.
const unlessCommon = (lnP: number) => (lnP > hundredth ? noTest : lnP);
// Each call leaves so much of the sum before it: it is a matter of some twenty calls, and soon forgotten.
const kept = 0.95;
// Who was not called for a minute starts anew: of agents that are called more rarely, `latency` speaks.
const restMsMax = 60_000;
// Of how much slower it is, a person reads the mean over some five calls.
const factorWeight = 0.2;
// A day and a night have shown every hour: what stays unusual for longer is learned in full.
const patienceHours = 24;

function createSlowAgent({ agents }: Surroundings): DetectorModel {
  const times = createOwnTimes();
  const slowness = createSlowness(times);
  const calls = createOpenCalls('open');
  const parts = [times, slowness, calls];
  let [closing, group] = [0, 0]; // whose calls are closed: the hot path makes no closures
  const onClosed = (call: ClosedCall) => slowness.take(closing, group, call);

  /** The agent waits for another, or is called itself. */
  const listen = ({ agent, peer, event, side, time }: View, weight: number) => {
    const { trace_id: trace, duration_ms: durationMs } = event;
    if (trace === undefined || durationMs === undefined) return;
    const span = { from: time, to: time + durationMs };
    if (side === 'source') calls.wait({ agent, trace }, span);
    // How long a caller waits before it gives up is its own patience.
    else if (event.outcome !== 'timeout')
      calls.open({ agent, trace }, span, { caller: peer, asked: times.number(agent, event.action), weight });
  };
  return {
    score: ({ side, agent, time, event }) => {
      if (side === 'source' || event.duration_ms === undefined) return noTest;
      const gathered = slowness.gathered(agent, time);
      return gathered > 0 ? unlessCommon(logGathered(gathered)) : noTest;
    },
    evidence: (view) => {
      const gathered = slowness.gathered(view.agent, view.time);
      return tell(view, agents.groupName(view.group), { gathered, factor: slowness.factor(view.agent) });
    },
    learn: (view, weight) => {
      if (view.event.duration_ms === undefined) return;
      [closing, group] = [view.agent, view.group];
      calls.close(view.agent, view.time, onClosed);
      listen(view, weight);
    },
    forgetAgent: (agent) => {
      calls.forget(agent);
      slowness.forget(agent);
    },
    agentBelongings: (agent, visit) => {
      slowness.belongings(agent, visit);
      times.belongings(agent, visit);
    },
    ...allOf(parts),
  };
}

function tell(
  { event, time }: View,
  group: string,
  { gathered, factor }: { readonly gathered: number; readonly factor: number },
): DetectorEvidence {
  return {
    observed: factor,
    expected: 1,
    lower: null,
    upper: null,
    unit: 'times what it usually takes by itself',
    baseline_source: 'self',
    group,
    group_expected: null,
    subject: null,
    from: time,
    to: time,
    sentence:
      `${event.destination} by itself takes ${numberText(factor)} times as long as usual, call after call; ` +
      'waiting for others is left out, unless all of them keep it waiting',
    working: {
      combine: 'product',
      steps: [{ name: 'its last calls', formula: 'gathered', numbers: { gathered } }],
    },
  };
}

/** Fields of an agent's record. */
const sum = 0; // gathered surprise, nats
const last = 1; // when its last call was over, UTC ms
const slower = 2; // logarithm of how many times as long as usual its last calls took
const changes = 3;
const width = changes + changeFields;

/** How slow each agent was over its last calls. */
function createSlowness(times: OwnTimes) {
  const records = createRecords('slowness', width);
  const delays = createCommonDelays('delays');
  const gathered = (agent: number, time: number): number => {
    const start = agent * width;
    return time - (records.data[start + last] ?? 0) > restMsMax ? 0 : (records.data[start + sum] ?? 0);
  };
  return {
    gathered,
    /** How many times as long as usual it takes now. */
    factor: (agent: number): number => Math.exp(records.data[agent * width + slower] ?? 0),
    /** Judges a call that is over, and learns from it. */
    take: (agent: number, group: number, call: ClosedCall): void => {
      const { caller, asked, to, weight } = call;
      const { lnP, excess, lateMs, isKnown, isUnusual } = times.judge(
        asked,
        group,
        ownMsOf(agent, call, delays),
      );
      if (!isKnown) {
        times.learn(to, weight, weight);
        return;
      }
      const lnPOfItself = unlessOfCaller(lnP, lateMs, delays.beside(caller, agent, to));
      delays.learn(caller, agent, to, lateMs);
      const at = records.at(agent);
      const { data } = records;
      const before = gathered(agent, to);
      const share = before > 0 ? factorWeight : 1;
      data[at + sum] = gatheredWith(lnPOfItself, before * kept);
      data[at + slower] = (1 - share) * (data[at + slower] ?? 0) + share * excess;
      data[at + last] = Math.max(to, data[at + last] ?? 0);
      const hasChanged = noteUnusual(data, at + changes, to, isUnusual) >= patienceHours;
      if (hasChanged) times.renew(to);
      times.learn(to, hasChanged ? 1 : weight * learningWeight(lnP), weight);
    },
    forget: delays.forget,
    belongings: (agent: number, visit: Visit) => visit.row(records, agent),
    ...allOf([records, delays]),
  };
}

type CommonDelays = ReturnType<typeof createCommonDelays>;

/** What an agent took beside waiting; of its waiting, what all whom it calls take longer for it is its own, too. */
function ownMsOf(agent: number, { ownMs, waits, waitedMs, to }: ClosedCall, delays: CommonDelays): number {
  return ownMs + Math.min(waitedMs, waits * delays.of(agent, to));
}

/**
 * ln p of a call under the likelier of two causes: its agent is as ever, or its caller has everybody wait. A delay of
 * which the mean alone is known is exponential (greatest entropy: Jaynes 1957, Physical Review 106).
 */
function unlessOfCaller(lnP: number, lateMs: number, delayMs: number): number {
  return delayMs > 0 ? Math.max(lnP, -lateMs / delayMs) : lnP;
}
