import { expect, test } from 'vitest';
import { logBeta } from '../../../../shared/stats/log-beta.ts';

// mpmath 1.3: loggamma(a) + loggamma(b) - loggamma(a + b) at 60 digits
test.each([
  { a: 2, b: 3, value: -2.484906649788 },
  { a: 0.5, b: 1e8, value: -8.63797542780148 },
  { a: 20, b: 1e6, value: -236.970516970851 },
  { a: 100, b: 200, value: -192.134192274979 },
  { a: 0.001, b: 5, value: 6.90567265706207 },
  { a: 3, b: 1e12, value: -82.1999161672287 },
  { a: 14.9, b: 15.1, value: -20.8739072139581 },
])('is what mpmath gives at ($a, $b), in either order', ({ a, b, value }) => {
  expect(logBeta(a, b)).toBeCloseTo(value, 10);
  expect(logBeta(b, a)).toBeCloseTo(value, 10);
});
