import { expect, test } from 'vitest';
import { logIncompleteBeta } from '../../../../shared/stats/log-incomplete-beta.ts';

// mpmath 1.3: log(betainc(a, b, 0, x, regularized=True)) and its complement
test.each([
  { a: 2, b: 3, x: 0.5, lower: -0.374693449441411, upper: -1.16315080980568 },
  { a: 10, b: 200, x: 0.5, lower: 0, upper: -109.717653681192 },
  { a: 500, b: 2, x: 0.001, lower: -3447.66203189231, upper: 0 },
  { a: 0.5, b: 0.5, x: 0.9, lower: -0.229202827581115, upper: -1.58556141473035 },
])('has the tails that mpmath gives at ($a, $b) and x = $x', ({ a, b, x, lower, upper }) => {
  const tails = logIncompleteBeta({ a, b, x, xComplement: 1 - x });
  expect(tails.lower).toBeCloseTo(lower, 9);
  expect(tails.upper).toBeCloseTo(upper, 9);
});

test('covers the ends of the interval', () => {
  expect(logIncompleteBeta({ a: 1, b: 1, x: 0, xComplement: 1 }).upper).toBe(0);
  expect(logIncompleteBeta({ a: 1, b: 1, x: 1, xComplement: 0 }).lower).toBe(0);
  expect(() => logIncompleteBeta({ a: 0, b: 1, x: 0.5, xComplement: 0.5 })).toThrow(RangeError);
});
