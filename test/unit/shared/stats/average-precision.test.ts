import { expect, test } from 'vitest';
import { averagePrecision } from '../../../../shared/stats/average-precision.ts';
import { ranking } from '../../../../shared/stats/ranking.ts';

test('agrees with scikit-learn where scores tie', () => {
  // scikit-learn: average_precision_score([1,1,0,1,0,1,0,0,0,1], [.9,.8,.8,.7,.6,.5,.5,.5,.2,.1])
  const scores = Float64Array.of(0.9, 0.8, 0.8, 0.7, 0.6, 0.5, 0.5, 0.5, 0.2, 0.1);
  const ranked = ranking(scores, Uint8Array.of(1, 1, 0, 1, 0, 1, 0, 0, 0, 1));
  expect(averagePrecision(ranked)).toBeCloseTo(0.683333333333, 11);
});

test('a perfect ranking has area 1', () => {
  expect(averagePrecision(ranking(Float64Array.of(3, 2, 1), Uint8Array.of(1, 1, 0)))).toBe(1);
});
