import { expect, test } from 'vitest';
import { logBetaBinomialTail } from '../../../../shared/stats/log-beta-binomial-tail.ts';

// scipy 1.17: log(betabinom.sf(k) + .5 * betabinom.pmf(k)); the two far tails by mpmath 1.3 at 50 digits, where
// scipy itself loses the third digit.
test.each([
  { count: 0, trials: 10, a: 1, b: 9, logP: -0.2702903297399 },
  { count: 5, trials: 10, a: 1, b: 9, logP: -4.219507705176 },
  { count: 3, trials: 1000, a: 2, b: 50, logP: -0.01716521544326 },
  { count: 7, trials: 8, a: 0.5, b: 0.5, logP: -1.3913118103047 },
  { count: 1, trials: 8, a: 0.5, b: 0.3, logP: -0.1920104839438 },
  { count: 900, trials: 1000, a: 2, b: 50, logP: -101.762977110858 },
  { count: 400, trials: 1000, a: 20, b: 5000, logP: -725.421110123489 },
])('$count failures of $trials under Beta($a, $b) have the known mid-p', ({ logP, ...input }) => {
  expect(logBetaBinomialTail(input)).toBeCloseTo(logP, 8);
});

test('no failure at all is never surprising', () => {
  expect(logBetaBinomialTail({ count: 0, trials: 0, a: 1, b: 9 })).toBeCloseTo(Math.log(0.5), 12);
});

test('refuses more failures than trials', () => {
  expect(() => logBetaBinomialTail({ count: 2, trials: 1, a: 1, b: 1 })).toThrow(RangeError);
});
