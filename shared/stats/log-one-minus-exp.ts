/**
 * ln(1 − eˣ) without cancellation: the log of a probability's complement from the log of the probability.
 *
 * @param x log of a probability, at most 0
 * @returns −Infinity at 0
 * @source Mächler 2012, "Accurately computing log(1 − exp(−|a|))", R package Rmpfr
 * @example logOneMinusExp(Math.log(0.25)); // => Math.log(0.75)
 */
export function logOneMinusExp(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
}
