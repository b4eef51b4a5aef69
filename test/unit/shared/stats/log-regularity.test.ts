import { expect, test } from 'vitest';
import { seededRandom } from '../../../../shared/random.ts';
import { type IntervalSums, logRegularity } from '../../../../shared/stats/log-regularity.ts';

function sumsOf(intervals: readonly number[]): IntervalSums {
  return {
    count: intervals.length,
    sum: intervals.reduce((left, right) => left + right, 0),
    logSum: intervals.reduce((left, right) => left + Math.log(right), 0),
  };
}

test('has the tail that scipy gives', () => {
  // scipy 1.17: chi2.logcdf(M, 7) of eight intervals of about a minute
  expect(logRegularity(sumsOf([58, 61, 60, 63, 59, 60, 57, 62]))).toBeCloseTo(-22.47806694, 6);
});

test('a perfect clock is infinitely too regular, one interval says nothing', () => {
  expect(logRegularity(sumsOf([30, 30, 30]))).toBe(Number.NEGATIVE_INFINITY);
  expect(logRegularity(sumsOf([30]))).toBe(0);
});

test('memoryless arrivals are flagged as often as the level says', () => {
  const random = seededRandom(7);
  const runs = 20_000;
  let flagged = 0;
  for (let run = 0; run < runs; run += 1) {
    const intervals = Array.from({ length: 12 }, () => -Math.log(1 - random.next()));
    if (logRegularity(sumsOf(intervals)) < Math.log(0.01)) flagged += 1;
  }
  expect(flagged / runs / 0.01).toBeGreaterThan(0.75);
  expect(flagged / runs / 0.01).toBeLessThan(1.3);
});
