import { expect, test } from 'vitest';
import { logAddExp } from '../../../../shared/stats/log-add-exp.ts';

test('adds numbers given by their logs, far below the smallest number', () => {
  expect(logAddExp(-1000, -1000)).toBeCloseTo(-1000 + Math.LN2, 12);
  expect(logAddExp(Math.log(2), Math.log(3))).toBeCloseTo(Math.log(5), 14);
});

test('nothing added to nothing is nothing', () => {
  expect(logAddExp(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
  expect(logAddExp(Number.NEGATIVE_INFINITY, -3)).toBe(-3);
});
