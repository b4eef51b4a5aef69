import { gammaln } from 'simple-statistics';
import type { LogTails } from './log-incomplete-beta.ts';
import { logOneMinusExp } from './log-one-minus-exp.ts';

/**
 * Regularised incomplete gamma function, as logs of both tails: lower = ln P(shape, x), upper = ln Q(shape, x).
 * The smaller tail is computed directly and does not underflow. O(√shape) steps.
 *
 * @param input.shape above 0
 * @param input.x at least 0
 * @throws {RangeError} shape is not above 0
 * @source DLMF 8.7.1 (series), 8.9.2 (continued fraction, by Lentz's method)
 * @example logIncompleteGamma({ shape: 1, x: 2 }).upper; // => -2
 */
export function logIncompleteGamma(input: { readonly shape: number; readonly x: number }): LogTails {
  const { shape, x } = input;
  if (!(shape > 0)) throw new RangeError(`logIncompleteGamma requires a shape above 0, not ${shape}`);
  if (x <= 0) return { lower: Number.NEGATIVE_INFINITY, upper: 0 };
  if (x === Number.POSITIVE_INFINITY) return { lower: 0, upper: Number.NEGATIVE_INFINITY };
  const logFront = shape * Math.log(x) - x - gammaln(shape);
  if (x < shape + 1) {
    const lower = Math.min(0, logFront + Math.log(lowerSeries(shape, x)));
    return { lower, upper: logOneMinusExp(lower) };
  }
  const upper = Math.min(0, logFront - Math.log(upperFraction(shape, x)));
  return { lower: logOneMinusExp(upper), upper };
}

const stepsMax = 100_000; // about 6 √shape are needed: enough for shapes up to 10⁸
const precision = 1e-15;
const tiny = 1e-300; // keeps Lentz's quotients finite

/** Σ xʲ / (shape (shape + 1) … (shape + j)). */
function lowerSeries(shape: number, x: number): number {
  let term = 1 / shape;
  let sum = term;
  for (let j = 1; j <= stepsMax && term > sum * precision; j += 1) {
    term *= x / (shape + j);
    sum += term;
  }
  return sum;
}

/** The denominator of the upper tail's continued fraction: x + 1 − shape − 1·(1 − shape)/(x + 3 − shape − …). */
function upperFraction(shape: number, x: number): number {
  let b = x + 1 - shape;
  let fraction = b === 0 ? tiny : b;
  let c = fraction;
  let d = 0;
  for (let j = 1; j <= stepsMax; j += 1) {
    const numerator = j * (shape - j);
    b += 2;
    d = b + numerator * d;
    d = 1 / (d === 0 ? tiny : d);
    c = b + numerator / c;
    if (c === 0) c = tiny;
    const change = c * d;
    fraction *= change;
    if (Math.abs(change - 1) < precision) break;
  }
  return fraction;
}
