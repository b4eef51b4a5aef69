import { expect, test } from 'vitest';
import { logStudentTail } from '../../../../shared/stats/log-student-tail.ts';

// scipy 1.17: t.logsf(t, degrees)
test.each([
  { t: 0, degrees: 5, value: -Math.LN2 },
  { t: 2, degrees: 3, value: -2.66408617432 },
  { t: -1.5, degrees: 4, value: -0.10981486601 },
  { t: 40, degrees: 6, value: -18.62412210619 },
  { t: 12, degrees: 200, value: -57.37312470775 },
])('has the tail that scipy gives at $t with $degrees degrees of freedom', ({ t, degrees, value }) => {
  expect(logStudentTail(t, degrees)).toBeCloseTo(value, 9);
});

test('does not underflow', () => {
  expect(logStudentTail(1e6, 200)).toBeLessThan(-1500);
  expect(logStudentTail(1e6, 200)).toBeGreaterThan(Number.NEGATIVE_INFINITY);
});
