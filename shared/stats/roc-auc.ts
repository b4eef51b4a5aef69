import type { Ranking } from './ranking.ts';

/**
 * Area under the receiver operating characteristic: the probability that a positive scores above a negative, ties
 * counting half. NaN without positives or without negatives.
 *
 * @source Hanley & McNeil 1982, Radiology 143(1)
 */
export function rocAuc({ positives, negatives }: Ranking): number {
  let area = 0;
  let positivesBefore = 0;
  let negativesBefore = 0;
  for (let i = 0; i < positives.length; i += 1) {
    const above = positives[i] ?? 0;
    const below = negatives[i] ?? 0;
    area += (below - negativesBefore) * (positivesBefore + above) * 0.5;
    positivesBefore = above;
    negativesBefore = below;
  }
  return area / (positivesBefore * negativesBefore);
}
