import { expect, test } from 'vitest';
import { robustZ } from '../../../../shared/stats/robust-z.ts';

test('measures in standard deviations of a normal body', () => {
  expect(robustZ(13, { median: 10, medianAbsoluteDeviation: 2, sigmaMin: 0.1 })).toBeCloseTo(3 / 2.9652, 12);
});

test('a constant history does not make a small change infinite', () => {
  expect(robustZ(13, { median: 10, medianAbsoluteDeviation: 0, sigmaMin: 1.5 })).toBe(2);
});
