import { expect, test } from 'vitest';
import { logIncompleteGamma } from '../../../../shared/stats/log-incomplete-gamma.ts';

// mpmath 1.3: log(gammainc(shape, 0, x, regularized=True)) and its complement
test.each([
  { shape: 1, x: 2, lower: -0.145413457868859, upper: -2 },
  { shape: 50, x: 5, lower: -72.9029123389913, upper: 0 },
  { shape: 2.5, x: 400, lower: 0, upper: -391.293738399371 },
  { shape: 1000, x: 1100, lower: -0.00105988473336864, upper: -6.85012501443627 },
  { shape: 1000, x: 900, lower: -7.50576999423389, upper: -0.000550053517414345 },
  { shape: 0.5, x: 0.001, lower: -3.33342869074753, upper: -0.0363223329171132 },
])('has the tails that mpmath gives at shape $shape and x = $x', ({ shape, x, lower, upper }) => {
  const tails = logIncompleteGamma({ shape, x });
  expect(tails.lower).toBeCloseTo(lower, 9);
  expect(tails.upper).toBeCloseTo(upper, 9);
});

test('covers the ends of the line', () => {
  expect(logIncompleteGamma({ shape: 2, x: 0 })).toEqual({ lower: Number.NEGATIVE_INFINITY, upper: 0 });
  expect(logIncompleteGamma({ shape: 2, x: Number.POSITIVE_INFINITY }).lower).toBe(0);
  expect(() => logIncompleteGamma({ shape: 0, x: 1 })).toThrow(RangeError);
});
