import { expect, test } from 'vitest';
import { logOneMinusExp } from '../../../../shared/stats/log-one-minus-exp.ts';

test('is the log of the complement, near both ends', () => {
  expect(logOneMinusExp(Math.log(0.25))).toBeCloseTo(Math.log(0.75), 14);
  expect(logOneMinusExp(-1e-20)).toBeCloseTo(Math.log(1e-20), 12);
  expect(logOneMinusExp(-800)).toBeCloseTo(0, 15);
  expect(logOneMinusExp(0)).toBe(Number.NEGATIVE_INFINITY);
});
