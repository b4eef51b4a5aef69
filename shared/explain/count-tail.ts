import { logAddExp } from '#shared/stats/log-add-exp.ts';
import { logNegativeBinomialMidTail } from '#shared/stats/log-negative-binomial-tail.ts';
import { formula } from './formula.ts';
import { numberText, probabilityText } from './number-text.ts';

/** What a peer group's windows say of a count: a histogram, with a Pareto tail beyond its `start`. */
export interface GroupTailNumbers {
  /** The count that is judged: events beyond a window's first. */
  more: number;
  /** Windows of the group that are known, decayed; 0 = nothing is. */
  windows: number;
  /** Windows with more than the count, and with as many, bin for bin. */
  above: number;
  same: number;
  /** Share of windows beyond `start`; 0 = the count lies within the histogram. */
  mass: number;
  start: number;
  /** Tail index: larger is heavier. */
  index: number;
}

/** A count against its own history and its peer group's. */
export interface CountNumbers extends GroupTailNumbers {
  /** Prediction of the own history: mean and dispersion of a negative binomial. */
  mean: number;
  dispersion: number;
  /** Weight of the group in the mixture; 1 = there is no own history yet. */
  share: number;
}

const groupTailNames = ['more', 'windows', 'above', 'same', 'mass', 'start', 'index'] as const;
const countNames = [...groupTailNames, 'mean', 'dispersion', 'share'] as const;

/** An object for what a group says of a count, to be filled again and again. */
export function emptyGroupTail(): GroupTailNumbers {
  return { more: 0, windows: 0, above: 0, same: 0, mass: 0, start: 1, index: 1 };
}

/** An object for the numbers of a count, to be filled again and again. */
export function emptyCount(): CountNumbers {
  return { ...emptyGroupTail(), mean: 0, dispersion: 0, share: 1 };
}

/** ln of the mid-p of `more` or more in a window of a typical member of the group. */
export function logGroupTail(numbers: Readonly<GroupTailNumbers>): number {
  if (numbers.windows === 0) return -Math.log1p(numbers.more);
  if (numbers.mass > 0)
    return Math.log(numbers.mass) - Math.log(numbers.more / numbers.start) / numbers.index;
  return Math.log((numbers.above + 0.5 * numbers.same + 0.5) / (numbers.windows + 1));
}

/** ln of the mid-p of `more` or more by the own history alone; what is not even the mean is as likely as not. */
function logOwnTail({ more, mean, dispersion }: Readonly<CountNumbers>): number {
  if (more <= mean) return -Math.LN2;
  return logNegativeBinomialMidTail({ count: more, mean, dispersion });
}

/**
 * ln of the mid-p of a count: the negative binomial of the own history, mixed with the peer group's histogram.
 *
 * @source detection reference, formula 2.1
 */
export function logCountTail(numbers: Readonly<CountNumbers>): number {
  const ofGroup = logGroupTail(numbers);
  if (numbers.share === 1) return ofGroup;
  return logAddExp(Math.log(numbers.share) + ofGroup, Math.log1p(-numbers.share) + logOwnTail(numbers));
}

export const countTail = formula({ names: countNames, compute: logCountTail, tell: tellCount });

/** What is judged is no count of calls but a rarity, in whole steps, compared with the group's alone. */
export const groupTail = formula({
  names: groupTailNames,
  compute: logGroupTail,
  tell: (numbers) => [
    `x = ${numberText(numbers.more)}: how rare the peer is among all, −ln p in eighths`,
    tellGroup(numbers, { what: 'new peers', more: 'were rarer', same: 'as rare' }),
  ],
});

interface GroupWords {
  readonly what: string;
  readonly more: string;
  readonly same: string;
}

function tellGroup(numbers: Readonly<GroupTailNumbers>, words: GroupWords): string {
  const { more, windows, above, same, mass, start, index } = numbers;
  const p = probabilityText(logGroupTail(numbers));
  const x = numberText(more);
  if (windows === 0) return `group: nothing known yet: p = 1 / (1 + ${x}) = ${p}`;
  if (mass > 0) {
    const [share, from] = [numberText(mass), numberText(start)];
    return (
      `group: ${numberText(100 * mass)} % of its ${numberText(windows)} ${words.what} reach ${from}, with a Pareto tail of ` +
      `index ${numberText(index)} beyond: p = ${share} × (${x} / ${from})^(−1 / ${numberText(index)}) = ${p}`
    );
  }
  const [larger, ties, all] = [numberText(above), numberText(same), numberText(windows)];
  return (
    `group: of its ${all} ${words.what} ${larger} ${words.more} and ${ties} ${words.same}: ` +
    `p = (${larger} + ½ × ${ties} + ½) / (${all} + 1) = ${p}`
  );
}

function tellCount(numbers: Readonly<CountNumbers>): readonly string[] {
  const { more, mean, dispersion, share } = numbers;
  const x = numberText(more);
  const lines = [
    `x = ${x} beyond the first of the window`,
    tellGroup(numbers, { what: 'windows', more: 'held more', same: 'as much' }),
  ];
  if (share === 1) return [...lines, 'own history: none yet, so the group alone'];
  const own = probabilityText(logOwnTail(numbers));
  const formulaText = more <= mean ? 'not above its mean: p = ½' : `p = P(X > ${x}) + ½ P(X = ${x}) = ${own}`;
  return [
    ...lines,
    `own history: negative binomial with mean ${numberText(mean)} and dispersion ${numberText(dispersion)}: ${formulaText}`,
    `mixed: ${numberText(share)} × ${probabilityText(logGroupTail(numbers))} + ${numberText(1 - share)} × ${own}`,
  ];
}
