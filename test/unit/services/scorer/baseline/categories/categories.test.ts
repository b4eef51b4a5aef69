import { describe, expect, test } from 'vitest';
import { createCategories } from '../../../../../../services/scorer/baseline/categories/categories.ts';
import type { Place } from '../../../../../../services/scorer/baseline/categories/category-counts.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';
import { seededRandom } from '../../../../../../shared/random.ts';

const place = (agent: number): Place => ({ own: agent, group: 0, peers: 0 });

/** An agent that had `distinct` things, each so many times. */
function taught(distinct: number, times: number) {
  const categories = createCategories('test');
  for (let repeat = 0; repeat < times; repeat += 1) {
    for (let item = 0; item < distinct; item += 1) categories.learn(place(0), item, 1);
  }
  return categories;
}

describe('a thing that nobody ever had', () => {
  test('is very unlikely where the same few recur', () => {
    expect(taught(3, 200).score(place(0), 99)).toBeLessThan(Math.log(1e-3));
  });

  test('is ordinary where there is always something new', () => {
    expect(taught(100, 1).score(place(0), 999)).toBeGreaterThan(Math.log(0.2));
  });

  test('is likelier than where another member has had it', () => {
    const categories = taught(3, 100);
    for (let i = 0; i < 50; i += 1) categories.learn(place(1), 3 + (i % 2), 1);
    expect(categories.score(place(0), 3)).toBeGreaterThan(categories.score(place(0), 99));
  });
});

test('what an agent has all the time is nothing to speak of', () => {
  expect(taught(3, 20).score(place(0), 1)).toBe(0);
});

test('a rare thing is as unlikely as it is rare', () => {
  const categories = createCategories('test');
  for (let i = 0; i < 1000; i += 1) categories.learn(place(0), i % 100 === 0 ? 1 : 0, 1);
  const p = Math.exp(categories.score(place(0), 1));
  expect(p).toBeGreaterThan(0.002);
  expect(p).toBeLessThan(0.02);
});

test('a stream of things is called rare about as often as it should be', () => {
  const categories = createCategories('test');
  const random = seededRandom(3);
  const alarms = { percent: 0, permille: 0 };
  const draws = 40_000;
  for (let i = 0; i < draws; i += 1) {
    const item = Math.floor(1 / (random.next() + 0.004)); // a long tail of up to 250 things
    const p = Math.exp(categories.score(place(i % 4), item));
    if (i > 4000 && p <= 0.01) alarms.percent += 1;
    if (i > 4000 && p <= 0.001) alarms.permille += 1;
    categories.learn(place(i % 4), item, 1);
  }
  expect(alarms.percent / (draws - 4000) / 0.01).toBeLessThan(1.5);
  expect(alarms.permille / (draws - 4000) / 0.001).toBeLessThan(1.5);
});

test('things that taught next to nothing leave a probability', () => {
  const categories = createCategories('test');
  for (let item = 0; item < 50; item += 1) categories.learn(place(item % 3), item, 0.01);
  for (const item of [0, 7, 99]) expect(categories.score(place(0), item)).toBeLessThanOrEqual(0);
  expect(Number.isFinite(categories.score(place(9), 99))).toBe(true);
});

test('memory comes back as it was saved', () => {
  const categories = taught(5, 7);
  const restored = createCategories('test');
  restored.restore(decodeState(encodeState(categories.save)));
  for (const item of [0, 4, 99]) {
    expect(restored.score(place(0), item)).toBe(categories.score(place(0), item));
    expect(restored.standing(place(0), item)).toEqual(categories.standing(place(0), item));
  }
});

test('what an agent has had is not new to it, though its group has had more than is told apart', () => {
  const categories = createCategories('things');
  const place = (agent: number) => ({ own: agent, group: 0, peers: 0 });
  // The first agent fills the table of the group; the second has a thing of its own, again and again.
  for (let item = 0; item < 300; item += 1) categories.learn(place(0), item, 1);
  for (let n = 0; n < 400; n += 1) categories.learn(place(1), n % 20 === 0 ? 1000 : 1001 + (n % 4), 1);
  expect(categories.score(place(1), 1000)).toBeGreaterThan(Math.log(0.02));
  expect(categories.score(place(1), 2000)).toBeLessThan(Math.log(0.02));
});
