import { expect, test } from 'vitest';
import { logGeneralizedParetoTail } from '../../../../shared/stats/log-generalized-pareto-tail.ts';

test('has the tails that scipy gives', () => {
  // scipy 1.17: genpareto.logsf(10, .3, scale=2), genpareto.logsf(3, -.2, scale=2)
  expect(logGeneralizedParetoTail({ shape: 0.3, scale: 2 }, 10)).toBeCloseTo(-3.054302439580517, 12);
  expect(logGeneralizedParetoTail({ shape: -0.2, scale: 2 }, 3)).toBeCloseTo(-1.7833747196936622, 12);
  expect(logGeneralizedParetoTail({ shape: 0, scale: 2 }, 6)).toBe(-3);
});

test('nothing lies beyond the end of a bounded tail', () => {
  expect(logGeneralizedParetoTail({ shape: -0.5, scale: 1 }, 2.5)).toBe(Number.NEGATIVE_INFINITY);
});
