import { expect, test } from 'vitest';
import { seededRandom } from '#shared/random.ts';

const draw = (seed: number, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.next());
};

test('the same seed gives the same stream, another seed another', () => {
  expect(draw(7, 5)).toEqual(draw(7, 5));
  expect(draw(7, 5)).not.toEqual(draw(8, 5));
});

test('draws are uniform on [0, 1)', () => {
  const draws = draw(1, 100_000);
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  expect(Math.min(...draws.slice(0, 1000))).toBeGreaterThanOrEqual(0);
  expect(Math.max(...draws.slice(0, 1000))).toBeLessThan(1);
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.005); // 5 standard errors of a uniform mean
});
