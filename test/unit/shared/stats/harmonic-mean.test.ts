import { expect, test } from 'vitest';
import { createHarmonicMean } from '../../../../shared/stats/harmonic-mean.ts';

const meanOf = (...lnPs: number[]): number => {
  const mean = createHarmonicMean();
  for (const lnP of lnPs) mean.add(lnP);
  return mean.result();
};

test('it is the harmonic mean of the p', () => {
  expect(Math.exp(meanOf(Math.log(0.01), Math.log(0.01)))).toBeCloseTo(0.01, 12);
  expect(Math.exp(meanOf(Math.log(1e-4), 0))).toBeCloseTo(2 / (1e4 + 1), 12);
});

test('it holds where p itself would be zero', () => {
  expect(meanOf(-2000, -1)).toBeCloseTo(Math.log(2) - 2000, 9);
});

test('what is no test does not count, and without any there is none', () => {
  expect(meanOf(1, Math.log(0.2), 1)).toBeCloseTo(Math.log(0.2), 12);
  expect(meanOf(1)).toBe(1);
});

test('cleared, it begins anew', () => {
  const mean = createHarmonicMean();
  mean.add(-9);
  mean.clear();
  mean.add(-1);
  expect(mean.result()).toBe(-1);
});
