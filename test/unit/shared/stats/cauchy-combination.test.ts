import { expect, test } from 'vitest';
import { cauchyCombination } from '../../../../shared/stats/cauchy-combination.ts';

const combined = (...ps: number[]) => Math.exp(cauchyCombination(ps.map(Math.log)));

test('a single p-value is itself', () => {
  expect(combined(0.01)).toBeCloseTo(0.01, 12);
  expect(combined(0.7)).toBeCloseTo(0.7, 12);
  expect(cauchyCombination([-5000])).toBeCloseTo(-5000, 9);
});

test('agrees with the formula where numbers suffice', () => {
  // scipy 1.17: cauchy.sf(mean(tan(pi * (0.5 - [0.01, 0.2, 0.6]))))
  expect(combined(0.01, 0.2, 0.6)).toBeCloseTo(0.02896970889442, 13);
});

test('equal p-values combine to themselves', () => {
  expect(combined(1e-6, 1e-6, 1e-6)).toBeCloseTo(1e-6, 12);
});

test('one tiny p-value among n costs a factor of n', () => {
  expect(cauchyCombination([-1000, Math.log(0.5), Math.log(0.5), Math.log(0.5)])).toBeCloseTo(
    -1000 + Math.log(4),
    9,
  );
});

test('a p-value of 1 does not hide a small one', () => {
  expect(combined(1e-6, 1)).toBeLessThan(3e-6);
});

test('weights say how much each counts', () => {
  expect(cauchyCombination([-400, Math.log(0.5)], [3, 1])).toBeCloseTo(-400 + Math.log(4 / 3), 9);
  expect(cauchyCombination([-400, Math.log(0.25)], [0, 1])).toBeCloseTo(Math.log(0.25), 9);
});

test('refuses no p-values and unmatched weights', () => {
  expect(() => cauchyCombination([])).toThrow(RangeError);
  expect(() => cauchyCombination([-1], [1, 2])).toThrow(RangeError);
});
