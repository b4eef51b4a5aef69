import { logAddExp } from '#shared/stats/log-add-exp.ts';
import { logNegativeBinomialTail } from '#shared/stats/log-negative-binomial-tail.ts';

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
export const countNames = [...groupTailNames, 'mean', 'dispersion', 'share'] as const;

/** An object for the numbers of a count, to be filled again and again. */
export function emptyCount(): CountNumbers {
  return {
    more: 0,
    windows: 0,
    above: 0,
    same: 0,
    mass: 0,
    start: 1,
    index: 1,
    mean: 0,
    dispersion: 0,
    share: 1,
  };
}

/** ln of the mid-p of `more` or more in a window of a typical member of the group. */
export function logGroupTail(numbers: Readonly<GroupTailNumbers>): number {
  if (numbers.windows === 0) return -Math.log1p(numbers.more);
  if (numbers.mass > 0)
    return Math.log(numbers.mass) - Math.log(numbers.more / numbers.start) / numbers.index;
  return Math.log((numbers.above + 0.5 * numbers.same + 0.5) / (numbers.windows + 1));
}

/** ln of the mid-p of `more` or more by the own history alone; what is not even the mean is as likely as not. */
export function logOwnTail({ more, mean, dispersion }: Readonly<CountNumbers>): number {
  if (more <= mean) return -Math.LN2;
  return logNegativeBinomialTail({ count: more, mean, dispersion }).midAtLeast;
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
