import { expect, test } from 'vitest';
import { ranking } from '../../../../shared/stats/ranking.ts';
import { rocAuc } from '../../../../shared/stats/roc-auc.ts';

test('agrees with scikit-learn where scores tie', () => {
  // scikit-learn: roc_auc_score([1,1,0,1,0,1,0,0,0,1], [.9,.8,.8,.7,.6,.5,.5,.5,.2,.1])
  const scores = Float64Array.of(0.9, 0.8, 0.8, 0.7, 0.6, 0.5, 0.5, 0.5, 0.2, 0.1);
  expect(rocAuc(ranking(scores, Uint8Array.of(1, 1, 0, 1, 0, 1, 0, 0, 0, 1)))).toBeCloseTo(0.62, 14);
});

test('a constant score ranks nothing', () => {
  expect(rocAuc(ranking(new Float64Array(4), Uint8Array.of(1, 0, 1, 0)))).toBe(0.5);
});

test('has no value without both kinds', () => {
  expect(rocAuc(ranking(Float64Array.of(1), Uint8Array.of(1)))).toBeNaN();
});
