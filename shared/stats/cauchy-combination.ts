/**
 * Combines p-values that may depend on each other into one, by the Cauchy combination: valid in the tail under any
 * dependence. Works on logs, so that no p-value is too small. Equal weights unless given. O(n).
 *
 * @param logPs natural logs of p-values, at least one
 * @param weights as many as p-values, not negative, their sum above 0
 * @returns the log of the combined p-value
 * @throws {RangeError} no p-values, or another number of weights
 * @source Liu & Xie 2020, JASA 115(529); truncation of large p-values: Fang, Chang, Park & Tseng 2023, Statistica
 *   Sinica 33 ("Heavy-tailed distribution for combining dependent p-values")
 * @example Math.exp(cauchyCombination([Math.log(0.01)])); // => 0.01
 */
export function cauchyCombination(logPs: readonly number[], weights?: readonly number[]): number {
  if (logPs.length === 0) throw new RangeError('cauchyCombination requires at least one p-value');
  if (weights !== undefined && weights.length !== logPs.length) {
    throw new RangeError(`cauchyCombination requires ${logPs.length} weights, not ${weights.length}`);
  }
  let smallest = 0;
  let weightSum = 0;
  for (let i = 0; i < logPs.length; i += 1) {
    const weight = weights?.[i] ?? 1;
    weightSum += weight;
    if (weight > 0) smallest = Math.min(smallest, logPs[i] ?? 0);
  }
  if (smallest === Number.NEGATIVE_INFINITY) return smallest;
  // Everything is measured in units of the largest term, which may itself be too large for a number.
  const scale = smallest < -tinyLogP ? -smallest : 0;
  let statistic = 0;
  for (let i = 0; i < logPs.length; i += 1) {
    statistic += ((weights?.[i] ?? 1) / weightSum) * scaledCotangent(logPs[i] ?? 0, scale);
  }
  if (scale > 0) return -scale - Math.log(Math.PI * statistic);
  return logCauchyTail(statistic);
}

// e⁻³⁰ is 1e-13: from there on cot(πp) is 1/(πp) to the last bit.
const tinyLogP = 30;
// A p-value close to 1 would outweigh a small one: −cot(πp) is as heavy below as above.
const pMax = 0.99;

function scaledCotangent(logP: number, scale: number): number {
  if (logP < -tinyLogP) return Math.exp(-logP - scale) / Math.PI;
  const p = Math.min(Math.exp(logP), pMax);
  return Math.exp(-scale) / Math.tan(Math.PI * p);
}

/** ln P(C > x) of a standard Cauchy variable. */
function logCauchyTail(x: number): number {
  return Math.log(x > 0 ? Math.atan(1 / x) / Math.PI : 0.5 - Math.atan(x) / Math.PI);
}
