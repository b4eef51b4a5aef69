import { describe, expect, test } from 'vitest';
import { seededRandom } from '#shared/random.ts';
import { createBudget } from '../../../../../services/scorer/correlation/budget.ts';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 5, 1);

/** Cases a day with exponential scores, as calibrated ones are; returns how many were told in each week, of budgets. */
function tellWeeks(
  options: { readonly alertsPerDay: number; readonly seed: number; readonly learnDays?: number },
  casesPerDay: (day: number) => number,
) {
  const { alertsPerDay, seed, learnDays = 0 } = options;
  const budget = createBudget({ alertsPerDay });
  const random = seededRandom(seed);
  const weeks = [0, 0, 0, 0, 0, 0];
  for (let day = -learnDays; day < 42; day += 1) {
    const cases = casesPerDay(day);
    for (let i = 0; i < cases; i += 1) {
      budget.advance(start + (day + i / cases) * dayMs, day >= 0);
      const score = 2 - Math.log10(random.next());
      budget.note(0, score);
      if (day < 0 || !budget.spend({ id: `${day}/${i}`, score })) continue;
      weeks[Math.floor(day / 7)] = (weeks[Math.floor(day / 7)] ?? 0) + 1;
    }
  }
  return weeks.map((told) => told / (7 * alertsPerDay));
}

const traffics = [
  { traffic: 'even', casesPerDay: () => 1000 },
  { traffic: 'doubling', casesPerDay: (day: number) => (day < 21 ? 500 : 1000) },
  { traffic: 'halving', casesPerDay: (day: number) => (day < 21 ? 1000 : 500) },
];

describe.each([1, 10, 100])('a budget of %i a day', (alertsPerDay) => {
  test.each(traffics)(
    'is kept within half and one and a half of it in every week after learning, traffic $traffic',
    ({ casesPerDay }) => {
      for (const told of tellWeeks({ alertsPerDay, seed: 17, learnDays: 14 }, casesPerDay)) {
        expect(told).toBeGreaterThan(0.5);
        expect(told).toBeLessThan(1.5);
      }
    },
  );

  test('is neither flooded nor mute in the first week of a cold start', () => {
    const [first = 0] = tellWeeks({ alertsPerDay, seed: 23 }, () => 1000);
    expect(first).toBeGreaterThan(0.5);
    expect(first).toBeLessThan(2);
  });
});

test('before it knows anything it tells what is as unlikely as a broken rule, up to a day of it', () => {
  const budget = createBudget({ alertsPerDay: 3 });
  expect(budget.threshold()).toBe(6); // -log10 of one in a million
  expect(budget.spend({ id: 'faint', score: 5.9 })).toBe(false);
  const told = Array.from({ length: 9 }, (_, i) => budget.spend({ id: `${i}`, score: 7 }));
  expect(told.filter(Boolean)).toHaveLength(3);
});

/** A budget of ten a day after three weeks of 300 cases, of which none was told. */
function settled(options: Parameters<typeof createBudget>[0]) {
  const budget = createBudget(options);
  const random = seededRandom(5);
  for (let i = 0; i < 21 * 300; i += 1) {
    budget.advance(start + (i / 300) * dayMs, false);
    budget.note(0, 2 - Math.log10(random.next()));
  }
  return budget;
}

test('goes on after a restart with the threshold that it had, and knows what may still be exempted', () => {
  const before = settled({ alertsPerDay: 10 });
  for (let i = 0; i < 30; i += 1) before.spend({ id: `${i}`, score: 9 });
  const after = createBudget({ alertsPerDay: 10 });
  after.restore(decodeState(encodeState(before.save)));
  expect(after.threshold()).toBe(before.threshold());
  for (const budget of [after, before]) {
    for (let i = 0; i < 30; i += 1) budget.exempt(`${i}`);
    budget.advance(start + 22 * dayMs, true);
  }
  expect(after.threshold()).toBe(before.threshold());
});

test('a confirmed incident counts for nothing, whether it is told before or after the verdict', () => {
  const thresholdAfter = (act: (budget: ReturnType<typeof createBudget>, id: string) => void) => {
    const budget = settled({ alertsPerDay: 10 });
    for (let i = 0; i < 15; i += 1) act(budget, `${i}`);
    return budget.threshold();
  };
  const tell = (budget: ReturnType<typeof createBudget>, id: string) => budget.spend({ id, score: 9 });
  const untold = thresholdAfter(() => undefined);
  expect(thresholdAfter(tell)).toBeGreaterThan(untold);
  const told = thresholdAfter((budget, id) => {
    budget.exempt(id);
    expect(tell(budget, id)).toBe(true);
  });
  expect(told).toBe(untold);
});

test('a reserve is kept for the severe when a flood of worse has raised the threshold', () => {
  const flooded = (reserve: { severity: number; alertsPerDay: number }) => {
    const budget = settled({ alertsPerDay: 2, reserve });
    for (let i = 0; i < 200; i += 1) {
      budget.note(0, 40);
      budget.spend({ id: `flood-${i}`, score: 40 });
    }
    budget.advance(start + 22 * dayMs, true);
    expect(budget.threshold()).toBeGreaterThan(12);
    return Array.from({ length: 5 }, (_, i) => budget.spend({ id: `severe-${i}`, score: 12 }));
  };
  expect(flooded({ severity: 80, alertsPerDay: 1 }).filter(Boolean)).toHaveLength(1);
  expect(flooded({ severity: 80, alertsPerDay: 0 }).filter(Boolean)).toHaveLength(0);
  expect(flooded({ severity: 90, alertsPerDay: 1 }).filter(Boolean)).toHaveLength(0); // 12 is 86
});
