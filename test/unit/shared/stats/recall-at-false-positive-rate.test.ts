import { expect, test } from 'vitest';
import { ranking } from '../../../../shared/stats/ranking.ts';
import { recallAtFalsePositiveRate } from '../../../../shared/stats/recall-at-false-positive-rate.ts';

const ranked = ranking(Float64Array.of(5, 4, 4, 3, 2, 1), Uint8Array.of(1, 1, 0, 1, 0, 0));

test('finds what lies above the last threshold that is allowed', () => {
  expect(recallAtFalsePositiveRate(ranked, 0)).toBeCloseTo(1 / 3, 14);
  expect(recallAtFalsePositiveRate(ranked, 1 / 3)).toBe(1);
});

test('a tie with a negative is not taken apart', () => {
  expect(recallAtFalsePositiveRate(ranked, 0.3)).toBeCloseTo(1 / 3, 14);
});
