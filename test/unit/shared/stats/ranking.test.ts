import { expect, test } from 'vitest';
import { ranking } from '../../../../shared/stats/ranking.ts';

test('counts positives and negatives at or above each distinct score', () => {
  const ranked = ranking(Float64Array.of(0.2, 0.9, 0.5, 0.5), Uint8Array.of(0, 1, 1, 0));
  expect([...ranked.scores]).toEqual([0.9, 0.5, 0.2]);
  expect([...ranked.positives]).toEqual([1, 2, 2]);
  expect([...ranked.negatives]).toEqual([0, 1, 2]);
});

test('refuses scores without labels', () => {
  expect(() => ranking(Float64Array.of(1), new Uint8Array(0))).toThrow(RangeError);
});
