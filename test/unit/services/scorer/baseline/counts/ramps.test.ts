import { expect, test } from 'vitest';
import { type Random, seededRandom } from '#shared/random.ts';
import { createRamps, type Ramp } from '../../../../../../services/scorer/baseline/counts/ramps.ts';
import { poisson, unitGamma } from '../../../../../../services/simulator/draws.ts';

const dayMs = 86_400_000;
const monday = Date.UTC(2026, 5, 1);
const weekday = [1, 1.1, 1, 1.05, 0.9, 0.3, 0.25]; // of an office, from Monday

interface Told extends Ramp {
  readonly agent: number;
  readonly day: number;
}

/** Days of some agents of one group, each a negative binomial draw of dispersion 0.05 around what `meanOf` says. */
function days(options: {
  readonly agents: number;
  readonly days: number;
  readonly random: Random;
  readonly meanOf: (agent: number, day: number) => number;
}): readonly Told[] {
  const { agents, random, meanOf } = options;
  const ramps = createRamps('ramps');
  const told: Told[] = [];
  const slots = Array.from({ length: agents }, (_, agent) => agent);
  for (let day = 0; day < options.days; day += 1) {
    const start = monday + day * dayMs;
    for (const agent of slots) {
      const mean = meanOf(agent, day) * (weekday[day % 7] ?? 1) * unitGamma(random, 0.05);
      const count = poisson(random, mean);
      if (count > 0) ramps.add(agent, start, count, false);
    }
    ramps.close({ members: slots, groupOf: () => 0 }, start + dayMs, (agent, ramp) => {
      told.push({ ...ramp, agent, day });
    });
  }
  return told;
}

test.each([1, 2, 3, 4, 5])(
  'a ramp of 5 % a day is told before it is three times what it was, seed %d',
  (seed) => {
    const ramp = (day: number) => (day < 28 ? 1 : 1.05 ** (day - 28));
    const told = days({
      agents: 20,
      days: 60,
      random: seededRandom(seed),
      meanOf: (agent, day) => (agent === 3 ? 60 * ramp(day) : 60),
    });
    const first = told.find(({ agent, lnP }) => agent === 3 && lnP <= Math.log(1e-4));
    expect(ramp(first?.day ?? Number.POSITIVE_INFINITY)).toBeLessThan(3);
    expect((first?.observed ?? 0) / (first?.expected ?? 1)).toBeGreaterThan(1.2);
  },
);

test('however long a ramp goes on, it is no less likely than about one in a million', () => {
  const told = days({
    agents: 20,
    days: 80,
    random: seededRandom(6),
    meanOf: (agent, day) => (agent === 3 && day >= 28 ? 60 * 1.1 ** (day - 28) : 60),
  }).filter(({ agent }) => agent === 3);
  expect(told.length).toBeGreaterThan(1);
  expect(Math.min(...told.map(({ lnP }) => lnP))).toBeGreaterThanOrEqual(Math.log(1e-7)); // calibrated, it may fall a little below 1e-6
});

test('days that vary, with weekends, are told no more often than p says', () => {
  const told = days({ agents: 300, days: 120, random: seededRandom(7), meanOf: (agent) => 20 + agent });
  const tested = 300 * (120 - 12);
  for (const alpha of [1e-2, 1e-3]) {
    const seen = told.filter(({ lnP }) => lnP <= Math.log(alpha)).length;
    expect(seen).toBeLessThanOrEqual(1.5 * alpha * tested);
  }
});

test("what the whole group does more of is no agent's ramp", () => {
  const told = days({
    agents: 20,
    days: 60,
    random: seededRandom(5),
    meanOf: (_, day) => 60 * (day < 28 ? 1 : 1.05 ** (day - 28)),
  });
  expect(told.filter(({ lnP }) => lnP <= Math.log(1e-3)).length).toBeLessThanOrEqual(2);
});

test('a level that stays is told, and then learned', () => {
  const told = days({
    agents: 20,
    days: 150,
    random: seededRandom(6),
    meanOf: (agent, day) => (agent === 3 && day >= 30 ? 120 : 60),
  });
  const last = Math.max(
    ...told.filter(({ agent, lnP }) => agent === 3 && lnP <= Math.log(1e-3)).map(({ day }) => day),
  );
  expect(told.some(({ agent, day }) => agent === 3 && day >= 30 && day < 37)).toBe(true);
  expect(last).toBeLessThan(75);
});
