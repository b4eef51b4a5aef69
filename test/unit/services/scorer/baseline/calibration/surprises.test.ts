import { expect, test } from 'vitest';
import { learningWeight } from '../../../../../../services/scorer/baseline/calibration/learning.ts';
import {
  createSurprises,
  type Surprises,
} from '../../../../../../services/scorer/baseline/calibration/surprises.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';
import { exponential } from '../../../../../../services/simulator/draws.ts';
import { seededRandom } from '../../../../../../shared/random.ts';

const draws = 300_000;

/** What is unusual teaches little. */
const learn = (surprises: Surprises, group: number, lnP: number) =>
  surprises.learn(group, lnP, learningWeight(surprises.calibrate(group, lnP)));

/** How often p ≤ 1e-2, 1e-3 and 1e-4 comes out, over what it should be, after learning from `windows` of them. */
function ratiosOf(
  draw: () => number,
  windows: number,
  surprises = createSurprises('test'),
): readonly number[] {
  for (let i = 0; i < windows; i += 1) learn(surprises, 0, -draw());
  const lnPs = Float64Array.from({ length: draws }, () => surprises.calibrate(0, -draw()));
  return [1e-2, 1e-3, 1e-4].map((p) => lnPs.filter((lnP) => lnP <= Math.log(p)).length / (draws * p));
}

/** Within the bar of calibration; at 1e-4, where ten windows were seen, within what the draw itself leaves open. */
function expectNominal([often = 0, seldom = 0, rarely = 0]: readonly number[]): void {
  for (const ratio of [often, seldom]) {
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.5);
  }
  expect(rarely).toBeGreaterThan(0.5);
  expect(rarely).toBeLessThan(2);
}

test('a model that is right stays right', () => {
  const random = seededRandom(1);
  expectNominal(ratiosOf(() => exponential(random, 1), 100_000));
});

test('a model that promises too much, or too little, is put right', () => {
  const random = seededRandom(2);
  expectNominal(ratiosOf(() => 2 * exponential(random, 1), 100_000));
  expectNominal(ratiosOf(() => 0.6 * exponential(random, 1), 100_000));
  expectNominal(ratiosOf(() => Math.max(0, exponential(random, 1) - 1), 100_000));
});

test('floods do not become ordinary by being many', () => {
  const random = seededRandom(3);
  const ordinary = () => exponential(random, 1);
  const surprises = createSurprises('test');
  for (let i = 0; i < 100_000; i += 1)
    learn(surprises, 0, i % 20 === 0 ? -(50 + 300 * random.next()) : -ordinary());
  expect(surprises.calibrate(0, -50)).toBeLessThan(Math.log(1e-12));
  expectNominal(ratiosOf(ordinary, 0, surprises));
});

test('where all windows are alike, one that is not is as unlikely as the model says', () => {
  const surprises = createSurprises('test');
  for (let i = 0; i < 100_000; i += 1) learn(surprises, 0, -Math.LN2);
  expect(surprises.calibrate(0, -9)).toBeGreaterThan(-9);
  expect(surprises.calibrate(0, -9)).toBeLessThan(-8);
});

test('nothing known leaves the model its word', () => {
  expect(createSurprises('test').calibrate(3, -10)).toBe(-10);
});

test('calibration keeps the order, and nothing is certain beyond measure', () => {
  const random = seededRandom(5);
  const surprises = createSurprises('test');
  for (let i = 0; i < 5000; i += 1) learn(surprises, 0, -exponential(random, 3));
  const lnPs = Array.from({ length: 4000 }, (_, i) => surprises.calibrate(0, -i / 100));
  expect(lnPs).toEqual([...lnPs].sort((a, b) => b - a));
  expect(Number.isFinite(surprises.calibrate(0, -1e6))).toBe(true);
});

test('memory comes back as it was saved', () => {
  const surprises = createSurprises('test');
  const random = seededRandom(6);
  for (let i = 0; i < 5000; i += 1) learn(surprises, 1, -exponential(random, 2));
  const restored = createSurprises('test');
  restored.restore(decodeState(encodeState(surprises.save)));
  expect(restored.numbers(1, -12)).toEqual(surprises.numbers(1, -12));
});
