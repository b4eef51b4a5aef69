import { expect, test } from 'vitest';
import { createTails } from '../../../../../../services/scorer/baseline/calibration/tails.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';
import { exponential, logNormal } from '../../../../../../services/simulator/draws.ts';
import { seededRandom } from '../../../../../../shared/random.ts';

test('a model that is right stays right', () => {
  const tails = createTails('test');
  const random = seededRandom(1);
  for (let i = 0; i < 50_000; i += 1) tails.learn(0, -exponential(random, 1), 1);
  for (const surprise of [2, 6, 9]) {
    expect(Math.abs(tails.calibrate(0, -surprise) + surprise)).toBeLessThan(0.25 * surprise);
  }
});

test('a model that promises too much is corrected', () => {
  const tails = createTails('test');
  const random = seededRandom(1);
  // Surprises as of a model with tails far too light: 2 of 1000 lie beyond 13 nats.
  const draw = () => logNormal(random, 0.7, 1);
  for (let i = 0; i < 50_000; i += 1) tails.learn(0, -draw(), 1);
  let alarms = 0;
  for (let i = 0; i < 50_000; i += 1) if (tails.calibrate(0, -draw()) <= Math.log(1e-3)) alarms += 1;
  expect(alarms / 50).toBeGreaterThan(0.5);
  expect(alarms / 50).toBeLessThan(2);
});

test('nothing known leaves the model its word, and calibration keeps the order', () => {
  const tails = createTails('test');
  expect(tails.calibrate(3, -10)).toBeCloseTo(-10, 6);
  expect(tails.calibrate(3, -10)).toBeLessThan(tails.calibrate(3, -9));
  expect(tails.calibrate(3, 0)).toBeCloseTo(0, 12);
});

test('what is suspicious is not learned as ordinary', () => {
  const [wary, naive] = [createTails('a'), createTails('b')];
  for (let i = 0; i < 2000; i += 1) {
    wary.learn(0, -20, 0.01);
    naive.learn(0, -20, 1);
  }
  expect(wary.calibrate(0, -20)).toBeLessThan(-15);
  expect(naive.calibrate(0, -20)).toBeGreaterThan(-2);
});

test('memory comes back as it was saved', () => {
  const tails = createTails('test');
  const random = seededRandom(4);
  for (let i = 0; i < 5000; i += 1) tails.learn(1, -exponential(random, 2), 1);
  const restored = createTails('test');
  restored.restore(decodeState(encodeState(tails.save)));
  expect(restored.calibrate(1, -12)).toBe(tails.calibrate(1, -12));
});
