import { gammaln } from 'simple-statistics';
import { logAddExp } from './log-add-exp.ts';
import { logBeta } from './log-beta.ts';
import { betaFraction } from './log-incomplete-beta.ts';
import { logIncompleteGamma } from './log-incomplete-gamma.ts';
import { logOneMinusExp } from './log-one-minus-exp.ts';

/** Logs of the tails of a count: none underflows, however far out the count lies. */
export interface LogCountTails {
  /** ln P(X ≥ count). */
  readonly atLeast: number;
  /** ln P(X ≤ count). */
  readonly atMost: number;
  /** ln of the upper mid-p, P(X > count) + ½ P(X = count): the p-value to combine with others. */
  readonly midAtLeast: number;
  /** ln of the lower mid-p, P(X < count) + ½ P(X = count). */
  readonly midAtMost: number;
}

// Below this the distribution is Poisson to 1e-9 of its variance at any mean that an agent reaches.
const poissonBelow = 1e-12;

/**
 * Tails of the negative binomial distribution with a mean and a dispersion φ (variance = mean + φ mean²; size
 * 1/φ), in log space and exact in the far tail. Poisson where φ is 0. O(√count) at worst, O(1) in the far tail.
 *
 * @param input.count observed, an integer of at least 0
 * @param input.mean expected, at least 0
 * @param input.dispersion φ, at least 0
 * @throws {RangeError} an input is negative or not a number
 * @source P(X ≥ k) = I_q(k, r), Patil 1960, Technometrics 2(4); mid-p: Rubin-Delanchy, Heard & Lawson 2018
 */
export function logNegativeBinomialTail(input: CountInput): LogCountTails {
  const { count, mean, dispersion } = input;
  assertInput(input);
  if (mean === 0) return count === 0 ? tailsOf(0, Number.NEGATIVE_INFINITY, 0) : impossible;
  const size = 1 / dispersion;
  if (dispersion < poissonBelow) return poissonTails(count, mean);
  const logPoint = logPointProbability(count, mean, size);
  if (isFarOut(count, mean, size)) {
    const above = logAbove(logPoint, count, mean, size);
    return tailsOf(logPoint, above, logOneMinusExp(above));
  }
  const atMost = logAtMost(logPoint, count, mean, size);
  return tailsOf(logPoint, logOneMinusExp(atMost), atMost);
}

/** The upper mid-p of `logNegativeBinomialTail` alone, for less than half of the work; the same to the last bit. */
export function logNegativeBinomialMidTail(input: CountInput): number {
  const { count, mean, dispersion } = input;
  assertInput(input);
  const size = 1 / dispersion;
  if (mean === 0 || dispersion < poissonBelow) return logNegativeBinomialTail(input).midAtLeast;
  const logPoint = logPointProbability(count, mean, size);
  const above = isFarOut(count, mean, size)
    ? logAbove(logPoint, count, mean, size)
    : logOneMinusExp(logAtMost(logPoint, count, mean, size));
  return logAddExp(logPoint - Math.LN2, above);
}

interface CountInput {
  readonly count: number;
  readonly mean: number;
  readonly dispersion: number;
}

function assertInput({ count, mean, dispersion }: CountInput): void {
  if (count >= 0 && mean >= 0 && dispersion >= 0) return;
  throw new RangeError(
    `logNegativeBinomialTail requires non-negative input: ${count}, ${mean}, ${dispersion}`,
  );
}

/** Is the tail above the count the one that its fraction gives without cancellation? */
function isFarOut(count: number, mean: number, size: number): boolean {
  return mean / (size + mean) <= (count + 2) / (count + size + 3);
}

/** ln P(X > count): the next point's probability times a fraction that lies close to 1 far out. */
function logAbove(logPoint: number, count: number, mean: number, size: number): number {
  const q = mean / (size + mean);
  const next = logPoint + Math.log((q * (count + size)) / (count + 1));
  return Math.min(0, next + Math.log(betaFraction(count + 1, size, q)));
}

/** ln P(X ≤ count). */
function logAtMost(logPoint: number, count: number, mean: number, size: number): number {
  const q = mean / (size + mean);
  const front = logPoint + Math.log((q * (count + size)) / size);
  return Math.min(0, front + Math.log(betaFraction(size, count + 1, size / (size + mean))));
}

const impossible: LogCountTails = {
  atLeast: Number.NEGATIVE_INFINITY,
  atMost: 0,
  midAtLeast: Number.NEGATIVE_INFINITY,
  midAtMost: 0,
};

/** From the logs of P(X = k), P(X > k) and P(X ≤ k). */
function tailsOf(point: number, above: number, atMost: number): LogCountTails {
  const half = point - Math.LN2;
  const atLeast = Math.min(0, logAddExp(point, above));
  const midAtLeast = logAddExp(half, above);
  const below = logOneMinusExp(atLeast);
  const midAtMost = below === Number.NEGATIVE_INFINITY ? half : logAddExp(half, below);
  return { atLeast, atMost, midAtLeast, midAtMost };
}

function logPointProbability(count: number, mean: number, size: number): number {
  const none = -size * Math.log1p(mean / size);
  if (count === 0) return none;
  return count * (Math.log(mean) - Math.log(size + mean)) + none - logBeta(count, size) - Math.log(count);
}

function poissonTails(count: number, mean: number): LogCountTails {
  const logPoint = count * Math.log(mean) - mean - gammaln(count + 1);
  const { lower, upper } = logIncompleteGamma({ shape: count + 1, x: mean });
  return tailsOf(logPoint, lower, upper);
}
