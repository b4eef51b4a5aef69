import { logIncompleteGamma } from './log-incomplete-gamma.ts';

/**
 * ln p of several independent p-values together: how likely is it that their surprises add up to so much? A sum of
 * k exponential surprises has a gamma distribution of shape k.
 *
 * @param count k, how many, at least 0; 0 of them say nothing
 * @param surprise −Σ ln p, at least 0
 * @source Fisher 1932, Statistical Methods for Research Workers, 4th edition, 21.1
 * @example logFisher(1, 3); // => -3
 */
export function logFisher(count: number, surprise: number): number {
  if (count === 0) return 0;
  if (count === 1) return -surprise;
  if (count === 2) return Math.log1p(surprise) - surprise;
  return logIncompleteGamma({ shape: count, x: surprise }).upper;
}
