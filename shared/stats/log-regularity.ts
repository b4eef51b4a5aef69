import { logIncompleteGamma } from './log-incomplete-gamma.ts';

/** What is kept of the intervals between calls: 24 bytes, whatever their number. */
export interface IntervalSums {
  readonly count: number;
  /** Σ of the intervals, in any unit. */
  readonly sum: number;
  /** Σ of their natural logs, in the same unit. */
  readonly logSum: number;
}

/**
 * ln of the probability that memoryless (Poisson) arrivals look as regular as these: Moran's statistic with
 * Bartlett's correction, χ²(n − 1) under the null. Small = too regular. 0 below two intervals.
 *
 * @param intervals each above 0
 * @source Moran 1951, JRSS B 13(1); Bartlett 1937, Proc. R. Soc. A 160
 * @example logRegularity({ count: 3, sum: 3, logSum: 0 }); // => -Infinity, three intervals of exactly 1
 */
export function logRegularity(intervals: IntervalSums): number {
  const { count } = intervals;
  if (count < 2) return 0;
  const statistic = (2 * count * unevennessOf(intervals)) / (1 + (count + 1) / (6 * count));
  return logIncompleteGamma({ shape: (count - 1) / 2, x: statistic / 2 }).lower;
}

/** How uneven intervals are: the log of their mean less the mean of their logs. 0 for a clock. */
export function unevennessOf({ count, sum, logSum }: IntervalSums): number {
  // The mean of the logs never exceeds the log of the mean; rounding may pretend that it does.
  return Math.max(0, Math.log(sum / count) - logSum / count);
}
