import { logIncompleteBetaLower } from './log-incomplete-beta.ts';

/**
 * ln P(T > t) of Student's t distribution, exact in the far tail.
 *
 * @param t any number
 * @param degrees of freedom, above 0
 * @source Abramowitz & Stegun 26.7.1: P(|T| > t) = I_{ν/(ν+t²)}(ν/2, ½)
 * @example logStudentTail(0, 5); // => Math.log(0.5)
 */
export function logStudentTail(t: number, degrees: number): number {
  const square = t * t;
  const x = degrees / (degrees + square);
  const both = logIncompleteBetaLower({
    a: degrees / 2,
    b: 0.5,
    x,
    xComplement: square / (degrees + square),
  });
  return t >= 0 ? both - Math.LN2 : Math.log1p(-0.5 * Math.exp(both));
}
