import { logBeta } from './log-beta.ts';
import { logOneMinusExp } from './log-one-minus-exp.ts';

interface Trials {
  /** k, failures, an integer in [0, trials]. */
  readonly count: number;
  /** n. */
  readonly trials: number;
  /** Prior failures, above 0. */
  readonly a: number;
  /** Prior successes, above 0. */
  readonly b: number;
}

/**
 * ln of the upper mid-p, P(X > k) + ½ P(X = k), of a beta-binomial count: k of n trials failed, where the failure
 * rate is Beta(a, b). Exact in the far tail. O(n) at worst, a few dozen steps in the tail.
 *
 * @throws {RangeError} count is not in [0, trials]
 * @source Skellam 1948, JRSS B 10(2)
 */
export function logBetaBinomialTail(input: Trials): number {
  const { count, trials, a, b } = input;
  if (!(count >= 0 && count <= trials)) {
    throw new RangeError(`logBetaBinomialTail requires 0 ≤ count ≤ trials, not ${count} of ${trials}`);
  }
  const logPoint = logPointProbability(count, trials, a, b);
  // Terms relative to the point's own; the side that holds less probability is the one to add up.
  if (count * (a + b) >= trials * a) return logPoint + Math.log(0.5 + above(input));
  const below = above({ count: trials - count, trials, a: b, b: a });
  return logOneMinusExp(Math.min(0, logPoint + Math.log(0.5 + below)));
}

function logPointProbability(count: number, trials: number, a: number, b: number): number {
  const rest = trials - count;
  const logChoose = -Math.log(trials + 1) - logBeta(count + 1, rest + 1);
  return logChoose + logBeta(count + a, rest + b) - logBeta(a, b);
}

const precision = 1e-16;

/** P(X > count) / P(X = count). */
function above(input: Trials): number {
  const { count, trials, a, b } = input;
  let term = 1;
  let sum = 0;
  for (let k = count; k < trials; k += 1) {
    term *= ((trials - k) * (a + k)) / ((k + 1) * (b + trials - k - 1));
    sum += term;
    // With b below 1 the terms rise again towards the end, so all of them count.
    if (b >= 1 && term < sum * precision) break;
  }
  return sum;
}
