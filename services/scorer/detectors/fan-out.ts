import { ofPlannedChange } from '../baseline/counts/count-model.ts';
import { type CountScales, createCountScales } from '../baseline/counts/count-scales.ts';
import { createRecords } from '../baseline/tables/records.ts';
import { allOf } from '../state.ts';
import { lengthText, numberText } from '../wording.ts';
import { type Detector, type DetectorModel, noTest, type Surroundings, type View } from './detector.ts';

const windowMs = 300_000; // a scan that takes longer than this for its second peer is the matter of new-edge

/** An agent reaches, or is reached by, far more different peers at once than it is used to. */
export const fanOut: Detector = {
  name: 'fan-out',
  headline: 'deals with far more others than usual',
  summary: 'More different peers called by an agent, or calling it, within five minutes than is usual',
  source: 'Negative binomial on distinct peers per window: detection reference, 2.6',
  kind: 'statistic',
  aspect: 'volume',
  techniques: [
    { framework: 'ATT&CK', id: 'T1046', name: 'Network Service Discovery' },
    { framework: 'ATT&CK', id: 'T1018', name: 'Remote System Discovery' },
  ],
  create: createFanOut,
};

function createFanOut({ agents, callers }: Surroundings): DetectorModel {
  const counts: Readonly<Record<View['side'], CountScales>> = {
    source: createCountScales('called', [windowMs]),
    destination: createCountScales('callers', [windowMs]),
  };
  // By edge and side: the last window in which it was counted, plus one.
  const counted = createRecords('counted', 2);
  const sideAt = (view: View) => counted.at(view.edge) + (view.side === 'source' ? 0 : 1);
  let learner = -1;
  const familiarity = () => callers.score(learner, agents.population(learner));
  const windowOf = (view: View) => Math.floor(view.time / windowMs) + 1;
  return {
    score: (view) =>
      (counted.data[sideAt(view)] ?? 0) >= windowOf(view)
        ? noTest
        : counts[view.side].score(view.agent, view.group, view.time),
    evidence: (view) => {
      const { agent, group, time } = view;
      const described = counts[view.side].strongest(agent, group, time).describe(agent, group, time);
      const { source, groupExpected, ...shown } = described;
      const id = agents.id(view.agent);
      const act = view.side === 'source' ? 'called' : 'was called by';
      return {
        ...shown,
        unit: `different peers within ${lengthText(windowMs)}`,
        baseline_source: source,
        group: agents.groupName(view.group),
        group_expected: groupExpected,
        subject: null,
        sentence: `${id} ${act} ${numberText(shown.observed)} different peers within ${lengthText(windowMs)}, where ${numberText(shown.expected)} is usual`,
        working: counts[view.side].working([agent, group, time], {
          what: 'peers',
          source: view.side === 'source' ? id : null,
          destination: view.side === 'source' ? null : id,
          from: shown.from,
          to: view.time,
        }),
      };
    },
    learn: (view) => {
      const at = sideAt(view);
      if ((counted.data[at] ?? 0) >= windowOf(view)) return;
      counted.data[at] = windowOf(view);
      learner = view.agent;
      const familiarityOf = view.isPlanned ? ofPlannedChange : familiarity;
      counts[view.side].learn(view.agent, view.group, view.time, familiarityOf);
    },
    agentBelongings: (agent, visit) => {
      counts.source.belongings(agent, visit);
      counts.destination.belongings(agent, visit);
    },
    edgeBelongings: (edge, visit) => visit.row(counted, edge),
    ...allOf([counts.source, counts.destination, counted]),
  };
}
