const madToSigma = 1.4826; // 1 / Φ⁻¹(0.75): the median absolute deviation of a normal variable is σ / 1.4826

/**
 * How many standard deviations a value lies above the median, the deviation taken from the median absolute deviation
 * and never less than a floor (a constant history must not make a small change infinite).
 *
 * @param value new observation
 * @param body.median and its unscaled median absolute deviation, in the unit of `value`
 * @param body.sigmaMin floor of the standard deviation, above 0
 * @source Hampel 1974, JASA 69(346)
 * @example robustZ(13, { median: 10, medianAbsoluteDeviation: 0, sigmaMin: 1.5 }); // => 2
 */
export function robustZ(
  value: number,
  body: { readonly median: number; readonly medianAbsoluteDeviation: number; readonly sigmaMin: number },
): number {
  return (value - body.median) / Math.max(madToSigma * body.medianAbsoluteDeviation, body.sigmaMin);
}
