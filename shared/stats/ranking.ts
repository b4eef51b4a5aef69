/**
 * How a score ranks positives before negatives: cumulative counts at each distinct score, from the highest down, so
 * that ties count as one step.
 */
export interface Ranking {
  readonly scores: Float64Array;
  /** Positives at or above each score. */
  readonly positives: Float64Array;
  /** Negatives at or above each score. */
  readonly negatives: Float64Array;
}

/**
 * Ranks scored examples. O(n log n).
 *
 * @param scores one for each example, high means positive; not NaN
 * @param labels 1 = positive, 0 = negative, of the same length
 * @throws {RangeError} lengths differ
 */
export function ranking(scores: Float64Array, labels: Uint8Array): Ranking {
  if (scores.length !== labels.length) throw new RangeError('ranking requires a label for each score');
  const positive = scores.filter((_, i) => labels[i] === 1).sort();
  const negative = scores.filter((_, i) => labels[i] !== 1).sort();
  const distinct: number[] = [];
  const positives: number[] = [];
  const negatives: number[] = [];
  let p = positive.length;
  let n = negative.length;
  while (p > 0 || n > 0) {
    const score = Math.max(
      positive[p - 1] ?? Number.NEGATIVE_INFINITY,
      negative[n - 1] ?? Number.NEGATIVE_INFINITY,
    );
    while (p > 0 && positive[p - 1] === score) p -= 1;
    while (n > 0 && negative[n - 1] === score) n -= 1;
    distinct.push(score);
    positives.push(positive.length - p);
    negatives.push(negative.length - n);
  }
  return {
    scores: Float64Array.from(distinct),
    positives: Float64Array.from(positives),
    negatives: Float64Array.from(negatives),
  };
}
