import { expect, test } from 'vitest';
import { seededRandom } from '#shared/random.ts';
import { noteUnusual } from '../../../../../../services/scorer/baseline/calibration/change-test.ts';

const hourMs = 3_600_000;

/** Hours until the sum reaches a day, where a share of hours is unusual; Infinity where it never does. */
function hoursUntilDay(unusualShare: number, hoursMax: number, seed: number): number {
  const random = seededRandom(seed);
  const data = new Float64Array(3);
  for (let hour = 1; hour <= hoursMax; hour += 1) {
    const isUnusual = random.next() < unusualShare;
    for (let n = 0; n < 3; n += 1)
      if (noteUnusual(data, 0, hour * hourMs + n, isUnusual) >= 24) return hour - 1;
  }
  return Number.POSITIVE_INFINITY;
}

test('a level that is unusual in every hour is believed after a day', () => {
  expect(hoursUntilDay(1, 100, 1)).toBe(24);
});

test('one that is unusual in three hours of four is believed after about two days', () => {
  const hours = Array.from({ length: 20 }, (_, seed) => hoursUntilDay(0.75, 500, seed + 1));
  const mean = hours.reduce((sum, one) => sum + one, 0) / hours.length;
  expect(mean).toBeGreaterThan(40);
  expect(mean).toBeLessThan(56);
});

test('hours that are unusual now and then are never believed, in a hundred years of them', () => {
  expect(hoursUntilDay(0.04, 876_000, 1)).toBe(Number.POSITIVE_INFINITY);
  expect(hoursUntilDay(0.2, 876_000, 2)).toBe(Number.POSITIVE_INFINITY);
});

test('an attack of a night is not believed, however often it comes back after a day', () => {
  const data = new Float64Array(3);
  let most = 0;
  for (let hour = 1; hour <= 24 * 60; hour += 1)
    most = Math.max(most, noteUnusual(data, 0, hour * hourMs, hour % 24 < 8));
  expect(most).toBe(8);
});
