import { expect, test } from 'vitest';
import { createScoreRate } from '../../../../../services/scorer/correlation/score-rate.ts';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';

/** A hundred cases with scores from 1 to 100. */
function filled() {
  const rate = createScoreRate('test');
  for (let score = 1; score <= 100; score += 1) rate.add(score, 1);
  return rate;
}

test('the score that so many cases reached, within the 3 % of a bin', () => {
  const rate = filled();
  for (const count of [5, 10, 50, 90]) {
    expect(rate.scoreOf(count)).toBeGreaterThan((100 - count) * 0.97);
    expect(rate.scoreOf(count)).toBeLessThan((101 - count) * 1.04);
  }
});

test('what fades counts for less, what is taken back for nothing', () => {
  const rate = filled();
  rate.fade(0.5);
  expect(rate.scoreOf(5)).toBeLessThan(93);
  for (let score = 51; score <= 100; score += 1) rate.add(score, -0.5);
  expect(rate.scoreOf(0)).toBeLessThan(53);
});

test('extreme scores have a place, and all comes back as it was saved', () => {
  const rate = filled();
  for (const score of [0, 1e-9, 1e12]) rate.add(score, 1);
  expect(Number.isFinite(rate.scoreOf(1))).toBe(true);
  const after = createScoreRate('test');
  after.restore(decodeState(encodeState(rate.save)));
  for (const count of [0, 1, 7, 80]) expect(after.scoreOf(count)).toBe(rate.scoreOf(count));
});
