/**
 * Witten and Bell's interpolation of what followed a context with a shorter context's prediction:
 * [n(c, x) + D(c) P(x | c′)] / [n(c) + D(c)]. The prediction of the shorter context where nothing was seen.
 *
 * @param context.count n(c, x), how often x followed the context
 * @param context.total n(c), how often anything did
 * @param context.distinct D(c), how many different things did
 * @param backOff P(x | c′), the shorter context's probability of x
 * @source Witten & Bell 1991, IEEE Transactions on Information Theory 37(4), method C
 * @example wittenBell({ count: 3, total: 4, distinct: 2 }, 0.5); // => 4 / 6
 */
export function wittenBell(
  context: { readonly count: number; readonly total: number; readonly distinct: number },
  backOff: number,
): number {
  if (context.total <= 0) return backOff;
  return (context.count + context.distinct * backOff) / (context.total + context.distinct);
}
