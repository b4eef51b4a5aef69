import { expect, test } from 'vitest';
import { createDelays } from '../../../../services/collector/delays.ts';

test('without records there is no delay', () => {
  const delays = createDelays();
  expect([delays.least(), delays.median(), delays.kept()]).toEqual([undefined, undefined, []]);
});

test('the least is exact and the median near, with few kept of many', () => {
  const delays = createDelays();
  for (let n = 0; n < 100_000; n += 1) delays.add(n === 77_777 ? -5 : n % 1000);
  expect(delays.least()).toBe(-5);
  expect(delays.kept().length).toBeLessThan(128);
  expect(delays.median()).toBeGreaterThan(350);
  expect(delays.median()).toBeLessThan(650);
});

test('taking over another keeps its least, though its sample may not hold it', () => {
  const other = createDelays();
  for (let n = 0; n < 1000; n += 1) other.add(n === 501 ? 1 : 50);
  const delays = createDelays();
  delays.add(90);
  delays.addAll(other);
  expect(delays.least()).toBe(1);
  expect(delays.median()).toBe(50);
});
