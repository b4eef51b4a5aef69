import { logBeta } from './log-beta.ts';
import { logOneMinusExp } from './log-one-minus-exp.ts';

/** Logs of both tails of a distribution at one point: each is exact where the other is close to 0. */
export interface LogTails {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Regularised incomplete beta function, as logs of both tails: lower = ln Iₓ(a, b), upper = ln(1 − Iₓ(a, b)).
 * The smaller tail comes from the continued fraction and does not underflow; the larger one is its complement.
 * O(√max(a, b)) steps.
 *
 * @param x in [0, 1]
 * @param xComplement 1 − x, given apart because it may be too small to be had from x
 * @throws {RangeError} a shape is not above 0
 * @source DLMF 8.17.22 (continued fraction), evaluated by Lentz's method (Thompson & Barnett 1986)
 */
export function logIncompleteBeta(input: BetaInput): LogTails {
  const { x, xComplement } = input;
  if (x <= 0) return { lower: Number.NEGATIVE_INFINITY, upper: 0 };
  if (xComplement <= 0) return { lower: 0, upper: Number.NEGATIVE_INFINITY };
  const smaller = logSmallerTail(input);
  const larger = logOneMinusExp(smaller);
  return isLowerSmaller(input) ? { lower: smaller, upper: larger } : { lower: larger, upper: smaller };
}

/** The lower tail of `logIncompleteBeta` alone, the same to the last bit. */
export function logIncompleteBetaLower(input: BetaInput): number {
  const { x, xComplement } = input;
  if (x <= 0) return Number.NEGATIVE_INFINITY;
  if (xComplement <= 0) return 0;
  const smaller = logSmallerTail(input);
  return isLowerSmaller(input) ? smaller : logOneMinusExp(smaller);
}

interface BetaInput {
  readonly a: number;
  readonly b: number;
  readonly x: number;
  readonly xComplement: number;
}

/** Is the lower tail the one that its fraction gives without cancellation? */
const isLowerSmaller = ({ a, b, x }: BetaInput) => x <= (a + 1) / (a + b + 2);

function logSmallerTail(input: BetaInput): number {
  const { a, b, x, xComplement } = input;
  if (!(a > 0 && b > 0)) throw new RangeError(`logIncompleteBeta requires shapes above 0, not ${a} and ${b}`);
  const logFront = a * logOf(x, xComplement) + b * logOf(xComplement, x) - logBeta(a, b);
  return isLowerSmaller(input)
    ? Math.min(0, logFront - Math.log(a) + Math.log(betaFraction(a, b, x)))
    : Math.min(0, logFront - Math.log(b) + Math.log(betaFraction(b, a, xComplement)));
}

/** ln of a number in (0, 1) given with its complement, from whichever of the two is exact. */
function logOf(x: number, xComplement: number): number {
  return xComplement < 0.5 ? Math.log1p(-xComplement) : Math.log(x);
}

// The fraction needs about √max(a, b) steps where it converges slowest; 10⁵ serves shapes up to 10⁹.
const stepsMax = 100_000;
const precision = 1e-15;
const tiny = 1e-300; // keeps Lentz's quotients finite

/**
 * The continued fraction of the incomplete beta function, without its factor xᵃ(1 − x)ᵇ / (a B(a, b)).
 * Converges fast for x below (a + 1) / (a + b + 2). 1 where x is 0.
 */
export function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= stepsMax; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < precision) break;
  }
  return fraction;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
