// A p of 1e-4 is 49, 1e-6 is 63, 1e-9 is 78, 1e-20 is 96.
const scoreScale = 6;

/**
 * The severity of a calibrated p, 0 to 100. Its meaning is fixed: it depends on p alone and never on what else
 * happened, so that 78 today is 78 next year.
 *
 * @param score surprise, −log₁₀ p
 * @example severityOf(9); // => 78
 */
export function severityOf(score: number): number {
  return Math.round(100 * -Math.expm1(-Math.max(0, score) / scoreScale));
}
