import { createHarmonicMean } from '#shared/stats/harmonic-mean.ts';
import { logFisher } from '#shared/stats/log-fisher.ts';
import { acquaintance } from './acquaintance.ts';
import { beat } from './beat.ts';
import { betaBinomial } from './beta-binomial.ts';
import { category } from './category.ts';
import { countTail, groupTail } from './count-tail.ts';
import type { Formula } from './formula.ts';
import { cusum, gatheredSurprise } from './gathered.ts';
import { hour } from './hour.ts';
import { known } from './known.ts';
import { lasting } from './lasting.ts';
import { logLeast } from './least.ts';
import { numberText, probabilityText } from './number-text.ts';
import { logShareOfPast, tellShareOfPast } from './past.ts';
import { pause } from './pause.ts';
import { newness, rank } from './rank.ts';
import { studentWithPast } from './student-with-past.ts';
import { studentWithTail } from './student-with-tail.ts';
import { succession } from './succession.ts';
import { tier } from './tier.ts';
import type { FormulaName, Working } from './working.ts';

/** A p-value computed again from what is stored. */
interface Recomputed {
  /** Natural logarithm of p. */
  readonly lnP: number;
  /** The working, line by line, for a person; all but the result. */
  readonly lines: readonly string[];
}

const formulas: Readonly<Record<FormulaName, Formula>> = {
  acquaintance,
  beat,
  'beta-binomial': betaBinomial,
  category,
  'count-tail': countTail,
  cusum,
  gathered: gatheredSurprise,
  'group-tail': groupTail,
  hour,
  known,
  lasting,
  newness,
  pause,
  rank,
  'student-with-past': studentWithPast,
  'student-with-tail': studentWithTail,
  succession,
  tier,
};

/**
 * Computes the p-value of a working again, with the functions that the detectors themselves score with.
 *
 * @returns `undefined` where the numbers of a step are not those of its formula
 * @example
 * recompute({ combine: 'product', steps: [{ name: 'x', formula: 'tier', numbers: { p: 0.5 } }] })?.lnP; // => -0.693…
 */
export function recompute(working: Working): Recomputed | undefined {
  const lnPs: number[] = [];
  const lines: string[] = [];
  for (const { name, formula, numbers, tries = 1 } of working.steps) {
    const step: string[] = [];
    const alone = formulas[formula](numbers, step);
    if (alone === undefined || Number.isNaN(alone)) return undefined;
    const lnP = logLeast(alone, tries);
    if (tries > 1) step.push(`the least likely of ${tries}, each of which had its chance: × ${tries}`);
    if (working.steps.length > 1) step.push(`p = ${probabilityText(lnP)}`);
    lines.push(`${name}:`, ...step.map((line) => `  ${line}`));
    lnPs.push(lnP);
  }
  if (lnPs.length === 0) return undefined;
  const { compute, tell } = combinations[working.combine];
  if (lnPs.length > 1) lines.push(tell(lnPs));
  const joined = compute(lnPs);
  if (working.past === undefined) return { lnP: joined, lines };
  lines.push(...tellShareOfPast(joined, working.past));
  return { lnP: logShareOfPast(joined, working.past), lines };
}

const sumOf = (lnPs: readonly number[]) => lnPs.reduce((sum, one) => sum + one, 0);
const textsOf = (lnPs: readonly number[]) => lnPs.map(probabilityText);

interface Joining {
  readonly compute: (lnPs: readonly number[]) => number;
  readonly tell: (lnPs: readonly number[]) => string;
}

const combinations: Readonly<Record<Working['combine'], Joining>> = {
  product: {
    compute: sumOf,
    tell: (lnPs) => `both must come together: ${textsOf(lnPs).join(' × ')}`,
  },
  harmonic: {
    compute: logHarmonicMean,
    tell: (lnPs) =>
      `they look at much the same, so their harmonic mean: ${lnPs.length} / (${textsOf(lnPs)
        .map((p) => `1 / ${p}`)
        .join(' + ')})`,
  },
  least: {
    compute: (lnPs) => logLeast(Math.min(...lnPs), lnPs.length),
    tell: (lnPs) =>
      `the least of ${textsOf(lnPs).join(' and ')}, each of which had its chance: × ${lnPs.length}`,
  },
  fisher: {
    compute: (lnPs) => logFisher(lnPs.length, -sumOf(lnPs)),
    tell: (lnPs) =>
      `their surprises add up (Fisher): −ln (${textsOf(lnPs).join(' × ')}) = ${numberText(-sumOf(lnPs))}, of a gamma ` +
      `distribution of shape ${lnPs.length}`,
  },
};

function logHarmonicMean(lnPs: readonly number[]): number {
  const joint = createHarmonicMean();
  for (const lnP of lnPs) joint.add(lnP);
  return joint.result();
}
