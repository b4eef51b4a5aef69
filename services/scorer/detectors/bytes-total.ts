import { logLeast } from '#shared/explain/least.ts';
import { type Addition, createTotals } from '../baseline/counts/totals.ts';
import { isToolCall } from '../baseline/members/tool-call.ts';
import { numberText } from '../wording.ts';
import { type Detector, type DetectorModel, noTest, type Surroundings, type View } from './detector.ts';

/** Much goes out of, or into, an agent within an hour, though no message of it need be large. */
export const bytesTotal: Detector = {
  name: 'bytes-total',
  headline: 'moves far more data than usual',
  summary:
    'All bytes that leave an agent, and all that reach it, within an hour, against its own active hours',
  source:
    'Normal-inverse-gamma prediction of the logarithm: Gelman et al., Bayesian Data Analysis, 3.3; detection reference 2.2',
  kind: 'statistic',
  needs: ['bytes_out', 'bytes_in'],
  techniques: [
    { framework: 'ATT&CK', id: 'T1030', name: 'Data Transfer Size Limits' },
    { framework: 'ATT&CK', id: 'T1020', name: 'Automated Exfiltration' },
    { framework: 'ATT&CK', id: 'T1213', name: 'Data from Information Repositories' },
  ],
  create: createBytesTotal,
};

// Calls of language models are left out: how much they move in an hour follows from how many tasks they were given.
const hourMs = 3_600_000;
/** Which way the bytes go, as the agent sees it. Each way of each agent, and of each group, has a baseline. */
const leaving = 0;
const arriving = 1;
const ways = 2;

function createBytesTotal({ agents }: Surroundings): DetectorModel {
  const totals = createTotals('totals', hourMs);
  const addition = { slot: 0, group: 0, time: 0, amount: 0 }; // scratch: the hot path allocates nothing
  const additionOf = (view: View, way: number): Addition => {
    addition.slot = view.agent * ways + way;
    addition.group = view.group * ways + way;
    addition.time = view.time;
    addition.amount = bytesOf(view, way);
    return addition;
  };
  const scoreOf = (view: View, way: number) =>
    bytesOf(view, way) > 0 ? totals.score(additionOf(view, way)) : noTest;
  /** The way that is the more unusual. */
  const wayOf = (view: View) => (scoreOf(view, arriving) < scoreOf(view, leaving) ? arriving : leaving);

  return {
    score: (view) => {
      if (isToolCall(view.event)) return noTest;
      const least = Math.min(scoreOf(view, leaving), scoreOf(view, arriving));
      return least > 0 ? noTest : logLeast(least, waysOf(view));
    },
    evidence: (view) => {
      const way = wayOf(view);
      const { groupExpected, known, numbers, ...shown } = totals.describe(additionOf(view, way));
      const id = agents.id(view.agent);
      return {
        ...shown,
        unit: `bytes ${way === leaving ? 'out of' : 'into'} the agent within 1 hour`,
        baseline_source: known >= 20 ? 'self' : known > 0 ? 'mixed' : 'group',
        group: agents.groupName(view.group),
        group_expected: groupExpected,
        subject: agents.id(view.peer),
        to: view.time,
        sentence: `${numberText(shown.observed)} bytes ${way === leaving ? 'left' : 'reached'} ${id} within 1 hour, the latest ${way === leaving ? 'to' : 'from'} ${agents.id(view.peer)}; usual are ${numberText(shown.expected)}`,
        working: {
          combine: 'product',
          steps: [
            {
              name: 'bytes within 1 hour',
              formula: 'student-with-past',
              numbers: { ...numbers },
              tries: waysOf(view),
            },
          ],
          counted: {
            what: 'bytes_total',
            source: way === leaving ? id : null,
            destination: way === leaving ? null : id,
            from: shown.from,
            to: view.time,
          },
        },
      };
    },
    learn: (view) => {
      if (isToolCall(view.event)) return;
      for (const way of [leaving, arriving]) {
        if (bytesOf(view, way) > 0) totals.learn(additionOf(view, way), view.isPlanned);
      }
    },
    agentBelongings: (agent, visit) => {
      totals.belongings(agent * ways + leaving, visit);
      totals.belongings(agent * ways + arriving, visit);
    },
    save: totals.save,
    restore: totals.restore,
  };
}

/** How many ways the event moves bytes: each had its chance. */
const waysOf = (view: View) => Math.sign(bytesOf(view, leaving)) + Math.sign(bytesOf(view, arriving));

/** Bytes of the view's event that go a way: what a caller sends leaves it, and reaches the called. */
function bytesOf({ event, side }: View, way: number): number {
  return ((side === 'source') === (way === leaving) ? event.bytes_out : event.bytes_in) ?? 0;
}
