/**
 * Probability that the next draw is something never seen before, by Good and Turing with a half added so that it is
 * never 0: (N₁ + ½) / (n + 1). Needs no parameters.
 *
 * @param input.singletons N₁, how many things were seen exactly once
 * @param input.total n, draws so far
 * @throws {RangeError} more singletons than draws, or a negative number
 * @source Good 1953, Biometrika 40(3/4); the half as in the Krichevsky-Trofimov estimator
 * @example goodTuring({ singletons: 0, total: 99 }); // => 0.005
 */
export function goodTuring(input: { readonly singletons: number; readonly total: number }): number {
  const { singletons, total } = input;
  if (!(singletons >= 0 && total >= singletons)) {
    throw new RangeError(`goodTuring requires 0 ≤ singletons ≤ total, not ${singletons} of ${total}`);
  }
  return (singletons + 0.5) / (total + 1);
}
