import { ofPlannedChange } from '../baseline/counts/count-model.ts';
import { createCountScales } from '../baseline/counts/count-scales.ts';
import { allOf } from '../state.ts';
import { lengthText, numberText } from '../wording.ts';
import type { Detector, DetectorModel, Surroundings, View } from './detector.ts';

// A flood shows within the minute, a slow one within the hour.
const scalesMs = [60_000, 3_600_000] as const;

/** An agent sends or receives far more than it does when it is active. */
export const volume: Detector = {
  name: 'volume',
  headline: 'far more traffic than usual',
  summary: 'More calls out of, or into, an agent than in its own active minutes and hours',
  source: 'Negative binomial with dispersion and season: detection reference, formula 2.1',
  kind: 'statistic',
  aspect: 'volume',
  techniques: [
    { framework: 'ATT&CK', id: 'T1498', name: 'Network Denial of Service' },
    { framework: 'ATT&CK', id: 'T1046', name: 'Network Service Discovery' },
  ],
  create: createVolume,
};

function createVolume({ agents, callers }: Surroundings): DetectorModel {
  const sent = createCountScales('sent', scalesMs);
  const received = createCountScales('received', scalesMs);
  const all = [sent, received];
  let learner = -1;
  const familiarity = () => callers.score(learner, agents.population(learner));
  const of = (view: View) => (view.side === 'source' ? sent : received);
  return {
    score: (view) => of(view).score(view.agent, view.group, view.time),
    evidence: (view) => {
      const counts = of(view).strongest(view.agent, view.group, view.time);
      const { source, groupExpected, ...shown } = counts.describe(view.agent, view.group, view.time);
      const verb = view.side === 'source' ? 'made' : 'received';
      return {
        ...shown,
        unit: `calls ${view.side === 'source' ? 'out' : 'in'} within ${lengthText(counts.windowMs)}`,
        baseline_source: source,
        group: agents.groupName(view.group),
        group_expected: groupExpected,
        subject: null,
        sentence: `${agents.id(view.agent)} ${verb} ${numberText(shown.observed)} calls within ${lengthText(counts.windowMs)}, where ${numberText(shown.expected)} is usual`,
        working: of(view).working([view.agent, view.group, view.time], {
          what: 'events',
          source: view.side === 'source' ? agents.id(view.agent) : null,
          destination: view.side === 'source' ? null : agents.id(view.agent),
          from: shown.from,
          to: view.time,
        }),
      };
    },
    learn: (view) => {
      learner = view.agent;
      const familiarityOf = view.isPlanned ? ofPlannedChange : familiarity;
      of(view).learn(view.agent, view.group, view.time, familiarityOf);
    },
    agentBelongings: (agent, visit) => {
      for (const scales of all) scales.belongings(agent, visit);
    },
    ...allOf(all),
  };
}
