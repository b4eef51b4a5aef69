import { expect, test } from 'vitest';
import { seededRandom } from '#shared/random.ts';
import { createCounts } from '../../../../../../services/scorer/baseline/counts/counts.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';
import { poisson } from '../../../../../support/detector-stream.ts';

const minuteMs = 60_000;
const start = Date.UTC(2026, 5, 1);
const familiar = () => Math.log(0.5);

/** Minutes of 1 + Poisson(mean) events each; returns the time after them. */
function feed(counts: ReturnType<typeof createCounts>, minutes: number, mean: number, from = start): number {
  const random = seededRandom(31);
  for (let minute = 0; minute < minutes; minute += 1) {
    const events = 1 + poisson(mean, random);
    for (let i = 0; i < events; i += 1) counts.learn(0, 0, from + minute * minuteMs + i, familiar);
  }
  return from + minutes * minuteMs;
}

test('expects what it has seen, and says from where it knows', () => {
  const counts = createCounts('c', minuteMs);
  const time = feed(counts, 2000, 9);
  const seen = counts.describe(0, 0, time);
  expect(seen.expected).toBeGreaterThan(9);
  expect(seen.expected).toBeLessThan(11);
  expect(seen.lower).toBeLessThan(seen.expected);
  expect(seen.upper).toBeGreaterThan(seen.expected);
  expect(seen).toMatchObject({ source: 'self', observed: 1, from: time, to: time + minuteMs });
});

test('a running window alarms before it closes, the more the fuller it is', () => {
  const counts = createCounts('c', minuteMs);
  const time = feed(counts, 2000, 4);
  const lnPs: number[] = [];
  for (let i = 0; i < 5000; i += 1) {
    if (i % 1000 === 0) lnPs.push(counts.score(0, 0, time));
    counts.learn(0, 0, time, familiar);
  }
  expect(lnPs).toEqual([...lnPs].sort((a, b) => b - a));
  expect(lnPs.at(-1)).toBeLessThan(Math.log(1e-9));
  expect(lnPs.every(Number.isFinite)).toBe(true);
});

test('a flood of an hour hardly moves the baseline', () => {
  const counts = createCounts('c', minuteMs);
  const before = feed(counts, 2000, 4);
  const usual = counts.describe(0, 0, before).expected;
  const after = feed(counts, 60, 1000, before);
  expect(counts.describe(0, 0, after).expected).toBeLessThan(usual * 1.5);
});

test('a newcomer is measured against its group', () => {
  const counts = createCounts('c', minuteMs);
  for (let member = 1; member <= 50; member += 1) {
    for (let minute = 0; minute < 20; minute += 1) {
      for (let i = 0; i < 3; i += 1) counts.learn(member, 0, start + minute * minuteMs + i, familiar);
    }
  }
  for (let i = 0; i < 400; i += 1) counts.learn(99, 0, start + i, familiar);
  expect(counts.score(99, 0, start)).toBeLessThan(Math.log(1e-3));
  expect(counts.describe(99, 0, start)).toMatchObject({ source: 'group', groupExpected: 3 });
});

test('a late event is not tested against a window that has closed', () => {
  const counts = createCounts('c', minuteMs);
  const time = feed(counts, 10, 4);
  expect(counts.score(0, 0, time - 5 * minuteMs)).toBe(1);
});

test('is the same after a restart', () => {
  const counts = createCounts('c', minuteMs);
  const time = feed(counts, 500, 4);
  const restored = createCounts('c', minuteMs);
  restored.restore(decodeState(encodeState(counts.save)));
  expect(restored.score(0, 0, time)).toBe(counts.score(0, 0, time));
});
