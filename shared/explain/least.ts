/**
 * ln p of the least likely of several: each had its chance (Bonferroni).
 *
 * @param lnP natural logarithm of the least p
 * @param tries how many there were
 * @example logLeast(Math.log(0.01), 3); // => Math.log(0.03)
 */
export function logLeast(lnP: number, tries: number): number {
  return Math.min(0, lnP + Math.log(Math.max(1, tries)));
}
