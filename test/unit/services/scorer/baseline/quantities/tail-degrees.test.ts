import { expect, test } from 'vitest';
import { createTailDegrees } from '../../../../../../services/scorer/baseline/quantities/tail-degrees.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';
import { normal } from '../../../../../../services/simulator/draws.ts';
import { type Random, seededRandom } from '../../../../../../shared/random.ts';

const well = { center: 5, scale: 0.5, degrees: 400 };

/** Student's t: a normal value over the root of a mean of squares. */
function student(random: Random, degrees: number): number {
  let squares = 0;
  for (let i = 0; i < degrees; i += 1) squares += normal(random) ** 2;
  return normal(random) / Math.sqrt(squares / degrees);
}

function taught(draw: (random: Random) => number) {
  const degrees = createTailDegrees('test');
  const random = seededRandom(4);
  for (let i = 0; i < 5000; i += 1) degrees.learn(0, well.center + well.scale * draw(random), 1, well);
  return degrees;
}

test('a group that nothing is known of has tails of six degrees of freedom, of the same variance', () => {
  const { center, scale, degrees } = createTailDegrees('test').shaped(0, well);
  expect({ center, degrees }).toEqual({ center: 5, degrees: 6 });
  expect(scale ** 2 * (6 / 4)).toBeCloseTo(well.scale ** 2, 12); // the variance of Student's t is ν / (ν − 2)
});

test('a group of normal values has tails as light as theirs, another group keeps its own', () => {
  const degrees = taught(normal);
  expect(degrees.shaped(0, well)).toEqual(well);
  expect(degrees.shaped(1, well).degrees).toBe(6);
});

test('a group with outliers every day has tails as heavy as theirs', () => {
  const degrees = taught((random) => student(random, 3) / Math.sqrt(3)); // of variance 1
  expect(degrees.shaped(0, well).degrees).toBeLessThanOrEqual(4);
});

test('where the level is hardly known, its uncertainty is the tail, and teaches nothing about the group', () => {
  const degrees = taught(normal);
  const young = { center: 5, scale: 0.5, degrees: 5 };
  expect(degrees.shaped(0, young)).toEqual(young);
  const untaught = createTailDegrees('test');
  for (let i = 0; i < 5000; i += 1) untaught.learn(0, 5, 1, young);
  expect(untaught.shaped(0, well).degrees).toBe(6);
});

test('comes back from a snapshot', () => {
  const restored = createTailDegrees('test');
  restored.restore(decodeState(encodeState(taught(normal).save)));
  expect(restored.shaped(0, well)).toEqual(well);
});
