import type { GeneralizedPareto } from './generalized-pareto-fit.ts';

// Closer to 0 than this the shape makes no difference that a double can hold.
const exponentialBelow = 1e-9;

/**
 * ln P(excess > x) under a generalised Pareto distribution, −(1/γ) ln(1 + γx/σ). −Infinity beyond the end of a
 * bounded one (shape below 0).
 *
 * @param distribution scale above 0
 * @param excess over the threshold, at least 0
 * @source Pickands 1975, Annals of Statistics 3(1)
 * @example logGeneralizedParetoTail({ shape: 0, scale: 2 }, 6); // => -3
 */
export function logGeneralizedParetoTail(distribution: GeneralizedPareto, excess: number): number {
  const { shape, scale } = distribution;
  const relative = excess / scale;
  if (Math.abs(shape) < exponentialBelow) return -relative;
  if (shape * relative <= -1) return Number.NEGATIVE_INFINITY;
  return -Math.log1p(shape * relative) / shape;
}
