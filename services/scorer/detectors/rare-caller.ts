import { numberText } from '../wording.ts';
import { type Detector, type DetectorModel, noTest, type Surroundings } from './detector.ts';

/** Somebody speaks who hardly ever speaks, or never did. */
export const rareCaller: Detector = {
  name: 'rare-caller',
  headline: 'a caller that hardly ever calls',
  summary: 'A caller that is active in few of the minutes in which its space is',
  source:
    'Rank of a category by its probability with mid-p for ties, detection reference 2.3, over active minutes; unseen mass by Good 1953',
  kind: 'statistic',
  side: 'source',
  aspect: 'who',
  techniques: [{ framework: 'ATT&CK', id: 'T1078', name: 'Valid Accounts' }],
  create: createRareCaller,
};

/** The baseline itself is the engine's, which learns it for all detectors. */
function createRareCaller({ agents, callers }: Surroundings): DetectorModel {
  return {
    score: (view) =>
      view.side === 'source' ? callers.score(view.agent, agents.population(view.agent)) : noTest,
    evidence: (view) => {
      const { minutes, typical } = callers.describe(view.agent, agents.population(view.agent));
      const id = agents.id(view.agent);
      const numbers = { ...callers.numbers(view.agent, agents.population(view.agent)) };
      return {
        observed: minutes,
        expected: typical,
        lower: null,
        upper: null,
        unit: 'minutes in which it has ever called',
        baseline_source: 'group',
        group: agents.space(view.agent),
        group_expected: typical,
        subject: id,
        from: agents.firstSeen(view.agent),
        to: view.time,
        sentence:
          minutes === 0
            ? `${id} has never called anybody before`
            : `${id} has called in only ${numberText(minutes)} minutes so far; half of all calling is by agents with ${numberText(typical)} or more`,
        working: {
          combine: 'product',
          steps: [{ name: 'caller in its space', formula: 'rank', numbers }],
          counted: {
            what: 'minutes',
            source: id,
            destination: null,
            from: agents.firstSeen(view.agent),
            to: view.time - 1,
          },
        },
      };
    },
    learn: () => undefined,
    save: () => undefined,
    restore: () => undefined,
  };
}
