import { logAddExp } from '#shared/stats/log-add-exp.ts';
import { logBetaBinomialTail } from '#shared/stats/log-beta-binomial-tail.ts';
import { type CountNumbers, countNames, logCountTail, logGroupTail, logOwnTail } from './count-tail.ts';
import { logNewness, logRank, newnessNames, type RankNumbers, rankNames } from './rank.ts';
import { logStudentWithTail, studentNames } from './student-with-tail.ts';
import type { FormulaName, Working, WorkingStep } from './working.ts';

/** A p-value computed again from what is stored. */
interface Recomputed {
  /** Natural logarithm of p. */
  readonly lnP: number;
  /** The working, line by line, for a person. */
  readonly lines: readonly string[];
}

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
  for (const step of working.steps) {
    const lnP = formulas[step.formula](step, lines);
    if (lnP === undefined || Number.isNaN(lnP)) return undefined;
    lines.push(`${step.name}: p = ${probabilityText(lnP)}`);
    lnPs.push(lnP);
  }
  if (lnPs.length === 0) return undefined;
  const lnP =
    working.combine === 'harmonic' ? logHarmonicMean(lnPs) : lnPs.reduce((sum, one) => sum + one, 0);
  if (lnPs.length > 1) lines.push(`${combinationTexts[working.combine]}: p = ${probabilityText(lnP)}`);
  return { lnP, lines };
}

/**
 * ln p of several tests of much the same: Bonferroni's bound in its smooth form.
 *
 * @source Wilson 2019, PNAS 116(4)
 */
function logHarmonicMean(lnPs: readonly number[]): number {
  const inverse = lnPs.map((lnP) => -lnP).reduce((sum, one) => logAddExp(sum, one));
  return Math.min(0, Math.log(lnPs.length) - inverse);
}

const combinationTexts: Readonly<Record<Working['combine'], string>> = {
  product: 'the product of these',
  harmonic: 'the harmonic mean of these',
};

type Formula = (step: WorkingStep, lines: string[]) => number | undefined;

/** A formula that takes the numbers of these names, and how it tells its working. */
function formula<K extends string>(
  names: readonly K[],
  compute: (numbers: Readonly<Record<K, number>>) => number,
  tell: (numbers: Readonly<Record<K, number>>) => readonly string[],
): Formula {
  return ({ numbers }, lines) => {
    if (names.some((name) => !Number.isFinite(numbers[name]))) return undefined;
    const known = numbers as Readonly<Record<K, number>>;
    lines.push(...tell(known));
    return compute(known);
  };
}

const formulas: Readonly<Record<FormulaName, Formula>> = {
  'count-tail': formula(countNames, logCountTail, countLines),
  rank: formula(rankNames, logRank, rankLines),
  newness: formula(newnessNames, logNewness, ({ unseen, all }) => [
    `of ${numberText(all)} active minutes ${numberText(unseen)} speak for something new: ${numberText(unseen)} / ${numberText(all)}`,
  ]),
  'beta-binomial': formula(
    ['count', 'trials', 'a', 'b'],
    (numbers) => logBetaBinomialTail(numbers),
    ({ count, trials, a, b }) => [
      `${count} failures in ${trials} calls, where the share is Beta(${numberText(a)}, ${numberText(b)}): ` +
        `P(more) + ½ P(as many)`,
    ],
  ),
  'student-with-tail': formula(studentNames, logStudentWithTail, (numbers) => [
    `ln value ${numberText(numbers.value)} against Student's t around ${numberText(numbers.center)}, ` +
      `scale ${numberText(numbers.scale)}, ${numberText(numbers.degrees)} degrees of freedom`,
    `surprises of the group beyond ${numberText(numbers.threshold)} nats: ${numberText(numbers.rate)} of all, ` +
      `generalised Pareto with shape ${numberText(numbers.shape)}, scale ${numberText(numbers.spread)}`,
  ]),
  tier: formula(
    ['p'],
    ({ p }) => Math.log(p),
    ({ p }) => [`a rule is broken; its tier stands for p = ${numberText(p)}`],
  ),
};

function countLines(numbers: Readonly<CountNumbers>): readonly string[] {
  const { more, windows, mass, start, index, above, same, mean, dispersion, share } = numbers;
  const ofGroup = probabilityText(logGroupTail(numbers));
  const lines = [`${numberText(more)} beyond the first of the window`];
  if (windows === 0) lines.push(`group: nothing known yet, p = 1 / (1 + ${numberText(more)}) = ${ofGroup}`);
  else if (mass > 0) {
    lines.push(
      `group: ${numberText(100 * mass)} % of windows hold ${numberText(start)} or more, Pareto beyond with index ${numberText(index)}: p = ${ofGroup}`,
    );
  } else {
    lines.push(
      `group: of ${numberText(windows)} windows ${numberText(above)} held more and ${numberText(same)} as many: p = ${ofGroup}`,
    );
  }
  if (share === 1) return [...lines, 'own history: none yet'];
  return [
    ...lines,
    `own history: negative binomial with mean ${numberText(mean)}, dispersion ${numberText(dispersion)}: p = ${probabilityText(logOwnTail(numbers))}`,
    `mixed: ${numberText(share)} × group + ${numberText(1 - share)} × own history`,
  ];
}

function rankLines({ minutes, unseen, below, same, all }: Readonly<RankNumbers>): readonly string[] {
  if (minutes === 0) {
    return [
      `never active before; ½ of what such are worth: ½ × ${numberText(unseen)} / ${numberText(all)} minutes`,
    ];
  }
  return [
    `active in ${numberText(minutes)} minutes; of ${numberText(all)} minutes belong to what is rarer ${numberText(unseen + below)}, ` +
      `to what is as rare ${numberText(same)}, which counts half`,
  ];
}

const digits = 5;
const numberText = (value: number) => String(Number(value.toPrecision(digits)));

/** A probability by its logarithm, however small: `3.2e-412`. */
export function probabilityText(lnP: number): string {
  if (lnP > -300) return numberText(Math.exp(lnP));
  const exponent = Math.floor(lnP / Math.LN10);
  return `${numberText(10 ** (lnP / Math.LN10 - exponent))}e${exponent}`;
}
