import { logAddExp } from '#shared/stats/log-add-exp.ts';
import { logFisher } from '#shared/stats/log-fisher.ts';

/**
 * What of an agent's behaviour a test is about. Tests of one aspect see much the same and are combined by Cauchy;
 * aspects are nearly independent under the null, and add up: a rare caller *and* a burst is more than either.
 */
export const aspects = ['who', 'volume', 'what', 'when'] as const;
export type Aspect = (typeof aspects)[number];

/** Gathers the p-values of one event and makes one of them. Reused from event to event. */
export interface Combination {
  clear(): void;
  /** Takes a test in. Values above 0 are no test. */
  add(aspect: Aspect | 'rule', lnP: number): void;
  /** ln of the combined p. */
  result(): number;
}

const rule = aspects.length;
const volume = aspects.indexOf('volume');
// What is asked about is a call, and most calls lie in windows that are fuller than most windows are: on ordinary calls
// the surprise of volume, whose p-values are those of windows, is 2 to 5 nats in the mean, where 1 is nominal.
// Chosen on darpa98's rows before July.
const volumeShare = 0.5;

/**
 * Within an aspect the tests see much the same: Cauchy's combination in its tail form, the harmonic mean, which
 * holds under any dependence. Volume looks at one burst from several sides, caller, called and edge, and what all
 * agree on counts for more: its surprise is midway between the harmonic mean's and the geometric mean's. It repeats
 * itself with every call of a burst, and counts by half. Between aspects surprises add up, as Fisher has it, and the
 * sum of k of them is compared with a gamma distribution of shape k. Broken rules stand beside the statistics:
 * whichever is less likely.
 *
 * @source Liu & Xie 2020, JASA 115(529); Wilson 2019, PNAS 116(4); geometric mean: Vovk & Wang 2020,
 *   Biometrika 107(4); Fisher 1932
 */
export function createCombination(): Combination {
  const inverses = new Float64Array(aspects.length + 1);
  const tests = new Int32Array(aspects.length + 1);
  const sums = new Float64Array(aspects.length + 1);
  const lnPOf = (aspect: number) => {
    const count = tests[aspect] ?? 0;
    const harmonic = Math.log(count) - (inverses[aspect] ?? 0);
    if (aspect !== volume) return Math.min(0, harmonic);
    const geometric = (sums[aspect] ?? 0) / count;
    return Math.min(0, (volumeShare * (harmonic + geometric)) / 2);
  };
  return {
    clear: () => {
      tests.fill(0);
    },
    add: (aspect, lnP) => {
      if (lnP > 0) return;
      const at = aspect === 'rule' ? rule : aspects.indexOf(aspect);
      inverses[at] = (tests[at] ?? 0) === 0 ? -lnP : logAddExp(inverses[at] ?? 0, -lnP);
      sums[at] = ((tests[at] ?? 0) === 0 ? 0 : (sums[at] ?? 0)) + lnP;
      tests[at] = (tests[at] ?? 0) + 1;
    },
    result: () => {
      let surprise = 0;
      let seen = 0;
      for (let aspect = 0; aspect < rule; aspect += 1) {
        if ((tests[aspect] ?? 0) === 0) continue;
        surprise -= lnPOf(aspect);
        seen += 1;
      }
      const ofStatistics = logFisher(seen, surprise);
      if ((tests[rule] ?? 0) === 0) return ofStatistics;
      // A clean network keeps its rules: the broken one is not diluted by how many there are.
      return Math.min(ofStatistics, -(inverses[rule] ?? 0));
    },
  };
}
