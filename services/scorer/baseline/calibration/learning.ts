// What is unusual teaches little, or an attacker would move the baseline by attacking: ml-cpp's constants.
const fullAbove = Math.log(1e-3);
const leastBelow = Math.log(1e-5);
const least = 0.01;

/**
 * How much a window teaches its baseline: 1 down to p = 1e-3, then falling log-linearly to 0.01 at p = 1e-5.
 *
 * @param lnP natural logarithm of the window's p
 * @source detection reference, section 2.12
 * @example learningWeight(Math.log(0.5)); // => 1
 */
export function learningWeight(lnP: number): number {
  if (lnP >= fullAbove) return 1;
  if (lnP <= leastBelow) return least;
  return Math.exp((Math.log(least) * (fullAbove - lnP)) / (fullAbove - leastBelow));
}
