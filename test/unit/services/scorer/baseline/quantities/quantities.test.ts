import { expect, test } from 'vitest';
import {
  createQuantities,
  logUpper,
  usualRange,
} from '../../../../../../services/scorer/baseline/quantities/quantities.ts';
import { normal } from '../../../../../../services/simulator/draws.ts';
import { seededRandom } from '../../../../../../shared/random.ts';

const prior = () => ({ center: 0, scale: 3, degrees: 2 });

test('a slot that knows nothing predicts what its prior does', () => {
  const quantities = createQuantities('test');
  const prediction = prior();
  quantities.predict(-1, prediction);
  quantities.predict(5, prediction);
  expect(prediction).toEqual(prior());
});

test('many values replace the prior', () => {
  const quantities = createQuantities('test');
  const random = seededRandom(2);
  for (let i = 0; i < 400; i += 1) {
    const prediction = prior();
    quantities.predict(0, prediction);
    quantities.learn(0, 5 + 0.5 * normal(random), 1, prediction);
  }
  const prediction = prior();
  quantities.predict(0, prediction);
  expect(prediction.center).toBeCloseTo(5, 0);
  expect(prediction.scale).toBeGreaterThan(0.4);
  expect(prediction.scale).toBeLessThan(0.8);
});

test('one wild value moves the baseline little', () => {
  const quantities = createQuantities('test');
  const random = seededRandom(2);
  const learn = (value: number) => {
    const prediction = prior();
    quantities.predict(0, prediction);
    quantities.learn(0, value, 1, prediction);
  };
  for (let i = 0; i < 100; i += 1) learn(5 + 0.1 * normal(random));
  learn(1000);
  const prediction = prior();
  quantities.predict(0, prediction);
  expect(prediction.center).toBeLessThan(5.2);
});

test('the far tail is no lighter than the world is', () => {
  expect(logUpper(10, { center: 0, scale: 1, degrees: 6 })).toBeGreaterThan(-12);
});

test('the usual range holds 95 of 100 values', () => {
  // scipy 1.17: t.ppf(.975, 6) = 2.4469
  const [lower, upper] = usualRange({ center: 1, scale: 2, degrees: 6 });
  expect(upper).toBeGreaterThan(1 + 2 * 2.35);
  expect(upper).toBeLessThan(1 + 2 * 2.55);
  expect(lower).toBeCloseTo(2 - upper, 12);
});
