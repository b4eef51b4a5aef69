/**
 * ln(eᵃ + eᵇ) without overflow or underflow: the log of a sum of two numbers given by their logs.
 *
 * @example logAddExp(-1000, -1000); // => -1000 + Math.LN2
 */
export function logAddExp(a: number, b: number): number {
  const larger = Math.max(a, b);
  if (larger === Number.NEGATIVE_INFINITY) return larger;
  return larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
}
