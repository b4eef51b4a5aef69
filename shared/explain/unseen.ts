/**
 * ln of the least that observations can know: a p below it would call what never happened rarer than they can tell.
 *
 * @param observed how many there were
 * @source Krichevsky & Trofimov 1981, IEEE Transactions on Information Theory 27(2): ½ of an observation for what was
 *   not seen
 * @example logUnseen(499); // => Math.log(0.001)
 */
export function logUnseen(observed: number): number {
  return Math.log(0.5 / (observed + 1));
}
