import { expect, test } from 'vitest';
import { generalizedParetoFit } from '../../../../shared/stats/generalized-pareto-fit.ts';

/** The quantiles of a generalised Pareto distribution at (j − ½) / count. */
function quantiles(count: number, shape: number, scale: number): number[] {
  return Array.from({ length: count }, (_, j) => {
    const upper = 1 - (j + 0.5) / count;
    return (scale / shape) * (upper ** -shape - 1);
  });
}

test('finds the distribution that the excesses come from', () => {
  // scipy 1.17: genpareto.ppf((arange(1, 201) - .5) / 200, .3, scale=2), the estimate repeated in numpy
  const fit = generalizedParetoFit(quantiles(200, 0.3, 2));
  expect(fit.shape).toBeCloseTo(0.31507124246, 9);
  expect(fit.scale).toBeCloseTo(1.98399297538, 9);
});

test('finds a bounded tail', () => {
  const fit = generalizedParetoFit(quantiles(2000, -0.25, 1));
  expect(fit.shape).toBeCloseTo(-0.25, 1);
  expect(fit.scale).toBeCloseTo(1, 1);
});

test('few excesses are drawn towards a shape of one half', () => {
  const few = generalizedParetoFit(quantiles(6, 0.1, 1));
  const many = generalizedParetoFit(quantiles(600, 0.1, 1));
  expect(few.shape).toBeGreaterThan(many.shape);
  expect(few.shape).toBeLessThan(0.6);
});

test('refuses too few excesses', () => {
  expect(() => generalizedParetoFit([1, 2, 3, 4])).toThrow(RangeError);
  expect(() => generalizedParetoFit([0, 0, 0, 0, 0, 1])).toThrow(RangeError);
});
