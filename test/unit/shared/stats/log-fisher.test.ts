import { expect, test } from 'vitest';
import { logFisher } from '#shared/stats/log-fisher.ts';

test('one p-value alone keeps its surprise, and none has none', () => {
  expect(logFisher(1, 3)).toBe(-3);
  expect(logFisher(0, 0)).toBe(0);
});

test.each([
  // Erlang's closed form e⁻ˣ Σ xʲ/j! for j below the count, by Python's math module
  [2, -Math.log(0.05 * 0.05), 0.017478661367769956],
  [3, 3 * Math.LN10, 0.03176629677613491],
  [4, 20, 3.2037197804769982e-6],
])('%i of them as a gamma distribution has it', (count, surprise, p) => {
  expect(Math.exp(logFisher(count, surprise))).toBeCloseTo(p, 12);
});

test('no surprise is too large for it', () => {
  expect(logFisher(2, 5000)).toBeCloseTo(Math.log1p(5000) - 5000, 9);
  expect(logFisher(3, 5000)).toBeLessThan(-4900);
});
