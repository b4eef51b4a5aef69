import { expect, test } from 'vitest';
import { createRanks } from '../../../../../../services/scorer/baseline/categories/ranks.ts';

const minuteMs = 60_000;

/** Thing i is active in 2^i minutes, i from 0 to 9. */
function ranks() {
  const made = createRanks('r', 8);
  for (let thing = 0; thing < 10; thing += 1) {
    for (let minute = 0; minute < 2 ** thing; minute += 1) made.learn(thing, 0, minute * minuteMs);
  }
  return made;
}

test('p rises with how active a thing is', () => {
  const made = ranks();
  const ps = Array.from({ length: 10 }, (_, thing) => made.score(thing, 0));
  expect(ps).toEqual([...ps].sort((a, b) => a - b));
  expect(ps[9]).toBeLessThan(0);
});

test('what never occurred is less likely than what occurred once', () => {
  expect(ranks().score(77, 0)).toBeLessThan(ranks().score(0, 0));
});

test('a flood within one minute makes nothing familiar', () => {
  const made = ranks();
  const before = made.score(0, 0);
  for (let i = 0; i < 100_000; i += 1) made.learn(0, 0, 2000 * minuteMs + (i % 60_000));
  expect(made.describe(0, 0).minutes).toBe(2);
  expect(made.score(0, 0) - before).toBeLessThan(1);
});

test('newness is the rate of things seen once, after Good and Turing', () => {
  const made = createRanks('r', 1);
  for (let thing = 0; thing < 4; thing += 1) made.learn(thing, 0, thing * minuteMs);
  for (let minute = 10; minute < 106; minute += 1) made.learn(9, 0, minute * minuteMs);
  // Four singletons among a hundred minutes: (4 + ½) / (100 + 4½).
  expect(Math.exp(made.newness(0))).toBeCloseTo(4.5 / 104.5, 12);
});
