import { ofPlannedChange } from '../baseline/counts/count-model.ts';
import { createCountScales } from '../baseline/counts/count-scales.ts';
import { lengthText, numberText } from '../wording.ts';
import { type Detector, type DetectorModel, noTest, type Surroundings, type View } from './detector.ts';

const scalesMs = [60_000, 3_600_000] as const;
// Edges are compared with edges between the same two groups: 4096 groups make 2^24 pairs.
const groupsMax = 4096;

/** One agent calls one other far more often than it does when it calls it at all. */
export const edgeBurst: Detector = {
  name: 'edge-burst',
  headline: 'far more calls on one edge than usual',
  summary: 'More calls on one edge than in its own active minutes and hours',
  source: 'Negative binomial with dispersion and season: detection reference, formula 2.1, per edge',
  kind: 'statistic',
  side: 'source',
  aspect: 'volume',
  techniques: [
    { framework: 'ATT&CK', id: 'T1110', name: 'Brute Force' },
    { framework: 'ATT&CK', id: 'T1499', name: 'Endpoint Denial of Service' },
  ],
  create: createEdgeBurst,
};

function createEdgeBurst({ agents, callers }: Surroundings): DetectorModel {
  const scales = createCountScales('edge', scalesMs);
  const pairs = createGroupPairs();
  const groupOf = (view: View) => pairs.of(view.group, view.peerGroup);
  const familiarityOf = (agent: number) => callers.score(agent, agents.population(agent));
  const ends = { agent: -1, peer: -1 }; // of the edge that is learned
  const familiarity = () => Math.min(familiarityOf(ends.agent), familiarityOf(ends.peer));
  return {
    score: (view) =>
      view.side === 'destination' ? noTest : scales.score(view.edge, groupOf(view), view.time),
    evidence: (view) => {
      const counts = scales.strongest(view.edge, groupOf(view), view.time);
      const { source, groupExpected, ...shown } = counts.describe(view.edge, groupOf(view), view.time);
      const peer = agents.id(view.peer);
      return {
        ...shown,
        unit: `calls on one edge within ${lengthText(counts.windowMs)}`,
        baseline_source: source,
        group: `${agents.groupName(view.group)} → ${agents.groupName(view.peerGroup)}`,
        group_expected: groupExpected,
        subject: peer,
        sentence: `${agents.id(view.agent)} called ${peer} ${numberText(shown.observed)} times within ${lengthText(counts.windowMs)}, where ${numberText(shown.expected)} is usual`,
        working: scales.working([view.edge, groupOf(view), view.time], {
          what: 'events',
          source: agents.id(view.agent),
          destination: peer,
          from: shown.from,
          to: view.time,
        }),
      };
    },
    learn: (view) => {
      if (view.side === 'destination') return;
      ends.agent = view.agent;
      ends.peer = view.peer;
      const familiarityOfEdge = view.isPlanned ? ofPlannedChange : familiarity;
      scales.learn(view.edge, groupOf(view), view.time, familiarityOfEdge);
    },
    edgeBelongings: scales.belongings,
    save: (state) => {
      state.value('pairs', pairs.list());
      scales.save(state);
    },
    restore: (state) => {
      pairs.take(state.value('pairs'));
      scales.restore(state);
    },
  };
}

/** Pairs of groups as small numbers, in the order in which they were met. */
function createGroupPairs() {
  const slots = new Map<number, number>();
  return {
    of: (group: number, peerGroup: number): number => {
      const pair = group * groupsMax + peerGroup;
      let slot = slots.get(pair);
      if (slot === undefined) {
        slot = slots.size;
        slots.set(pair, slot);
      }
      return slot;
    },
    list: () => [...slots.keys()],
    take: (saved: unknown) => {
      slots.clear();
      if (Array.isArray(saved)) for (const pair of saved) slots.set(Number(pair), slots.size);
    },
  };
}
