import type { Counted, Working } from '#shared/explain/working.ts';
import { logAddExp } from '#shared/stats/log-add-exp.ts';
import { ofPlannedChange } from '../baseline/count-model.ts';
import { type Counts, createCounts } from '../baseline/counts.ts';
import { lengthText, numberText } from '../baseline/wording.ts';
import { type Detector, type DetectorModel, noTest, type Surroundings, type View } from './detector.ts';

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
  const sent = scalesMs.map((windowMs) => createCounts(`sent-${windowMs}`, windowMs));
  const received = scalesMs.map((windowMs) => createCounts(`received-${windowMs}`, windowMs));
  const all = [...sent, ...received];
  let learner = -1;
  const familiarity = () => callers.score(learner, agents.population(learner));
  const of = (view: View) => (view.side === 'source' ? sent : received);
  return {
    score: (view) => scoreScales(of(view), view.agent, view.group, view.time),
    evidence: (view) => {
      const counts = strongest(of(view), view.agent, view.group, view.time);
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
        working: workingOf(of(view), [view.agent, view.group, view.time], {
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
      for (const counts of of(view))
        counts.learn(view.agent, view.group, view.time, view.isPlanned ? ofPlannedChange : familiarity);
    },
    agentBelongings: (agent, visit) => {
      for (const counts of all) counts.belongings(agent, visit);
    },
    save: (state) => {
      for (const counts of all) counts.save(state);
    },
    restore: (state) => {
      for (const counts of all) counts.restore(state);
    },
  };
}

/** ln p of two scales together: Bonferroni's bound in its smooth form, the harmonic mean (Wilson 2019). */
export function scoreScales(scales: readonly Counts[], slot: number, group: number, time: number): number {
  let inverse = Number.NEGATIVE_INFINITY;
  let tests = 0;
  for (const counts of scales) {
    const lnP = counts.score(slot, group, time);
    if (lnP > 0) continue;
    inverse = tests === 0 ? -lnP : logAddExp(inverse, -lnP);
    tests += 1;
  }
  return tests === 0 ? noTest : Math.min(0, Math.log(tests) - inverse);
}

/** What `scoreScales` is computed from: a step a scale that has a test. */
export function workingOf(
  scales: readonly Counts[],
  [slot, group, time]: readonly [slot: number, group: number, time: number],
  counted: Counted,
): Working {
  const tested = scales.filter((counts) => counts.score(slot, group, time) <= 0);
  return {
    combine: 'harmonic',
    steps: tested.map((counts) => counts.working(slot, group, time)),
    counted,
  };
}

/** The scale that speaks loudest. */
export function strongest(scales: readonly Counts[], slot: number, group: number, time: number): Counts {
  const first = scales[0];
  if (first === undefined) throw new RangeError('strongest requires at least one scale');
  return scales.reduce(
    (best, counts) => (counts.score(slot, group, time) < best.score(slot, group, time) ? counts : best),
    first,
  );
}
