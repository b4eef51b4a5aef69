import { gammaln } from 'simple-statistics';

// From here on Stirling's series below is exact to 1e-15, and the difference of two log-gammas would begin to cancel.
const stirlingFrom = 15;

/**
 * Log of the beta function, ln Γ(a) + ln Γ(b) − ln Γ(a + b), also where one argument is huge and the plain
 * difference would cancel: the relative error of B stays below 1e-11.
 *
 * @param a above 0
 * @param b above 0
 * @source Abramowitz & Stegun 6.2.2; Stirling's series 6.1.41
 * @example logBeta(2, 3); // => Math.log(1 / 12)
 */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (large < stirlingFrom) return logGamma(a) + logGamma(b) - logGamma(a + b);
  if (small < stirlingFrom) return logGamma(small) - logGammaRise(large, small);
  const sum = a + b;
  return (
    0.5 * Math.log(2 * Math.PI) -
    0.5 * Math.log(large) +
    (small - 0.5) * Math.log(small / sum) -
    large * Math.log1p(small / large) +
    stirlingCorrection(small) +
    stirlingCorrection(large) -
    stirlingCorrection(sum)
  );
}

/** ln Γ(x): of the halves up to 30, which counts and Student's t ask for again and again, from a table. */
function logGamma(x: number): number {
  const twice = 2 * x;
  return twice <= 4 * stirlingFrom && Number.isInteger(twice) ? (ofHalves[twice] ?? gammaln(x)) : gammaln(x);
}

const ofHalves = Float64Array.from({ length: 4 * stirlingFrom + 1 }, (_, twice) => gammaln(twice / 2));

/** ln Γ(x + rise) − ln Γ(x) for large x. */
function logGammaRise(x: number, rise: number): number {
  return (
    (x - 0.5) * Math.log1p(rise / x) +
    rise * (Math.log(x + rise) - 1) +
    stirlingCorrection(x + rise) -
    stirlingCorrection(x)
  );
}

/** ln Γ(x) − [(x − ½) ln x − x + ½ ln 2π], to five terms. */
function stirlingCorrection(x: number): number {
  const square = 1 / (x * x);
  return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / x;
}
