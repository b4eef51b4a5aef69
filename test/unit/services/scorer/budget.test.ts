import { describe, expect, test } from 'vitest';
import { seededRandom } from '#shared/random.ts';
import { createBudget } from '../../../../services/scorer/budget.ts';
import { decodeState, encodeState } from '../../../../services/scorer/state.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 5, 1);

/** Cases a day with exponential scores, as calibrated ones are; returns how many were told in each week. */
function tellWeeks(
  budget: ReturnType<typeof createBudget>,
  casesPerDay: (day: number) => number,
  seed: number,
) {
  const random = seededRandom(seed);
  const weeks = [0, 0, 0, 0, 0, 0];
  for (let day = 0; day < 42; day += 1) {
    const cases = casesPerDay(day);
    for (let i = 0; i < cases; i += 1) {
      budget.advance(start + (day + i / cases) * dayMs);
      const score = 2 - Math.log10(random.next());
      budget.note(0, score);
      if (score < budget.threshold()) continue;
      budget.spend();
      weeks[Math.floor(day / 7)] = (weeks[Math.floor(day / 7)] ?? 0) + 1;
    }
  }
  return weeks;
}

describe.each([1, 10, 100])('a budget of %i a day', (alertsPerDay) => {
  test('is kept within half and one and a half of it, week by week, once it has settled', () => {
    const weeks = tellWeeks(createBudget(alertsPerDay), () => 1000, 17).slice(1);
    for (const told of weeks) {
      expect(told / (7 * alertsPerDay)).toBeGreaterThan(0.5);
      expect(told / (7 * alertsPerDay)).toBeLessThan(1.5);
    }
  });
});

test('holds when traffic doubles', () => {
  const weeks = tellWeeks(createBudget(10), (day) => (day < 21 ? 500 : 1000), 23).slice(1);
  for (const told of weeks) expect(told / 70).toBeLessThan(2);
  expect((weeks.at(-1) ?? 0) / 70).toBeGreaterThan(0.5);
  expect((weeks.at(-1) ?? 0) / 70).toBeLessThan(1.5);
});

test('before it knows anything it tells what is as unlikely as a broken rule, up to a day of it', () => {
  const budget = createBudget(3);
  expect(budget.threshold()).toBe(6); // -log10 of one in a million
  for (let i = 0; i < 3; i += 1) budget.spend();
  expect(budget.threshold()).toBe(Number.POSITIVE_INFINITY);
});

test('goes on after a restart with the threshold that it had', () => {
  const before = createBudget(10);
  tellWeeks(before, () => 300, 5);
  const after = createBudget(10);
  after.restore(decodeState(encodeState(before.save)));
  expect(after.threshold()).toBe(before.threshold());
  after.advance(start + 50 * dayMs);
  before.advance(start + 50 * dayMs);
  expect(after.threshold()).toBe(before.threshold());
});
