import { emptyGroupTail, type GroupTailNumbers } from '#shared/explain/count-tail.ts';
import type { RankNumbers } from '#shared/explain/rank.ts';
import type { WorkingStep } from '#shared/explain/working.ts';
import { createRanks, type NewPrior } from '../baseline/categories/ranks.ts';
import { createGroupCounts } from '../baseline/counts/group-counts.ts';
import { createRecords } from '../baseline/tables/records.ts';
import { allOf } from '../state.ts';
import { momentText, numberText } from '../wording.ts';
import type { Detector, DetectorEvidence, DetectorModel, Surroundings, View } from './detector.ts';

// A group's rate of new peers weighs as much as two minutes of one's own.
const groupMinutes = 2;
// That nobody new was met lately does not say that nobody will be: so many minutes know no less than half of one with
// somebody new (Krichevsky & Trofimov 1981, IEEE Transactions on Information Theory 27(2)), however few its group meets.
const shareMin = 0.5 / groupMinutes;
// Fields of a group: minutes of its members' edges, and how many of them were the first of their edge.
const groupAll = 0;
const groupNew = 1;
// Beyond so many minutes a member says no more about what a newcomer of its group would do.
const newcomerMinutes = 50;
// While a space is young everybody in it is new; who is new later is somebody else. A new peer is compared with the
// latest ones.
const basesMax = 512;

/** Two agents speak that never, or hardly ever, did. */
export const newEdge: Detector = {
  name: 'new-edge',
  headline: 'a connection that is new, or rare, for it',
  summary: 'A peer that is new or rare for an agent, measured by how readily that agent meets new peers',
  source:
    'Pitman–Yor predictive with the group as base (Heard & Rubin-Delanchy 2016), newness by Good 1953: detection reference, 2.3',
  kind: 'statistic',
  aspect: 'who',
  techniques: [
    { framework: 'ATT&CK', id: 'T1021', name: 'Remote Services' },
    { framework: 'ATT&CK', id: 'T1210', name: 'Exploitation of Remote Services' },
  ],
  create: createNewEdge,
};

function createNewEdge({ agents, callers }: Surroundings): DetectorModel {
  const called = createRanks('called', 1);
  const callersOf = createRanks('callers', 1);
  const callees = createRanks('callees', 8);
  const groups = createRecords('groups', 4);
  const prior = { weight: groupMinutes, share: 0.5 }; // scratch: the hot path allocates nothing
  const totals = createRecords('totals', 2);
  const bases = createGroupCounts('bases', basesMax);
  const sideOf = (view: View) => (view.side === 'source' ? 0 : 1);
  const peersOf = (view: View) => (view.side === 'source' ? called : callersOf);

  const priorOf = (view: View): NewPrior => {
    const at = groups.at(view.group) + sideOf(view) * 2;
    const share = ((groups.data[at + groupNew] ?? 0) + 0.5) / ((groups.data[at + groupAll] ?? 0) + 1);
    prior.share = Math.max(shareMin, share);
    return prior;
  };
  // The base measure: how common is the peer, as whom it acts here, among all of the space?
  const baseOf = (view: View): number => {
    const population = agents.population(view.peer);
    return view.side === 'source'
      ? callees.score(view.peer, population)
      : callers.score(view.peer, population);
  };
  const score = (view: View): number => {
    const peers = peersOf(view);
    if (!peers.isNew(view.edge)) return peers.score(view.edge, view.agent, priorOf(view));
    // New peers are rarer than peers at large: the base is that of the group's earlier new edges.
    const base = bases.tail(view.group * 2 + sideOf(view), rarityOf(baseOf(view)));
    return peers.newness(view.agent, priorOf(view)) + Math.min(0, base);
  };

  return {
    score,
    evidence: (view) => {
      const peers = peersOf(view);
      const base = emptyGroupTail();
      bases.read(view.group * 2 + sideOf(view), rarityOf(baseOf(view)), base);
      const numbers = peers.numbers(view.edge, view.agent, priorOf(view));
      return tell(view, agents, {
        minutes: peers.describe(view.edge, view.agent).minutes,
        all: totals.data[totals.at(view.agent) + sideOf(view)] ?? 0,
        newness: Math.exp(peers.newness(view.agent, priorOf(view))),
        steps: stepsOf(numbers, base),
      });
    },
    learn: (view) => {
      const peers = peersOf(view);
      const at = totals.at(view.agent) + sideOf(view);
      const wasNew = peers.isNew(view.edge);
      if (wasNew) bases.learn(view.group * 2 + sideOf(view), rarityOf(baseOf(view)), 1);
      if (peers.learn(view.edge, view.agent, view.time)) {
        totals.data[at] = (totals.data[at] ?? 0) + 1;
        if ((totals.data[at] ?? 0) <= newcomerMinutes) {
          const group = groups.at(view.group) + sideOf(view) * 2;
          groups.data[group + groupAll] = (groups.data[group + groupAll] ?? 0) + 1;
          if (wasNew) groups.data[group + groupNew] = (groups.data[group + groupNew] ?? 0) + 1;
        }
      }
      if (view.side === 'destination') callees.learn(view.agent, agents.population(view.agent), view.time);
    },
    agentBelongings: (agent, visit) => {
      visit.row(totals, agent);
      callees.belongings(agent, visit);
      called.populationBelongings(agent, visit);
      callersOf.populationBelongings(agent, visit);
    },
    edgeBelongings: (edge, visit) => {
      called.belongings(edge, visit);
      callersOf.belongings(edge, visit);
    },
    ...allOf([called, callersOf, callees, groups, totals, bases]),
  };
}

// How rare a peer is, in eighths of a nat: whole numbers, as histograms want them.
const rarityOf = (lnP: number) => Math.round(-8 * lnP);

function stepsOf(edge: RankNumbers, base: GroupTailNumbers): WorkingStep[] {
  const numbers = { ...edge };
  if (edge.minutes > 0) return [{ name: 'this edge among its edges', formula: 'rank', numbers }];
  return [
    { name: 'a minute with somebody new', formula: 'newness', numbers },
    { name: 'a new peer as rare as this one', formula: 'group-tail', numbers: { ...base } },
  ];
}

interface Acquaintance {
  /** Minutes in which the edge was ever active. */
  readonly minutes: number;
  /** Minutes of all of the agent's edges on this side. */
  readonly all: number;
  /** Chance that a minute is with somebody new. */
  readonly newness: number;
  readonly steps: WorkingStep[];
}

function tell(
  view: View,
  agents: Surroundings['agents'],
  { minutes, all, newness, steps }: Acquaintance,
): DetectorEvidence {
  const [agent, peer] = [agents.id(view.agent), agents.id(view.peer)];
  const since = agents.firstSeen(view.agent);
  const [verb, ever] = view.side === 'source' ? ['called', 'calling'] : ['was called by', 'being called'];
  return {
    observed: minutes,
    expected: null,
    lower: null,
    upper: null,
    unit: 'minutes in which this edge was ever active',
    baseline_source: all >= newcomerMinutes ? 'self' : all > groupMinutes ? 'mixed' : 'group',
    group: agents.groupName(view.group),
    group_expected: null,
    subject: peer,
    from: since,
    to: view.time,
    sentence:
      minutes === 0
        ? `${agent} ${verb} ${peer} for the first time since ${momentText(since)}; ${numberText(100 * newness)} % of its minutes of ${ever} are with somebody new`
        : `${agent} ${verb} ${peer}, as it ${view.side === 'source' ? 'did' : 'was'} in only ${numberText(minutes)} of ${numberText(all)} minutes of ${ever}`,
    working: {
      combine: 'product',
      steps,
      counted: {
        what: 'minutes',
        source: view.side === 'source' ? agent : peer,
        destination: view.side === 'source' ? peer : agent,
        from: since,
        to: view.time - 1,
      },
    },
  };
}
