import type { Ranking } from './ranking.ts';

/**
 * Area under the precision-recall curve as average precision: Σ (recallᵢ − recallᵢ₋₁) precisionᵢ, without
 * interpolation. NaN without positives.
 *
 * @source Davis & Goadrich 2006, ICML (why not to interpolate); the form of scikit-learn's average_precision_score
 */
export function averagePrecision({ positives, negatives }: Ranking): number {
  const total = positives[positives.length - 1] ?? 0;
  let area = 0;
  let before = 0;
  for (let i = 0; i < positives.length; i += 1) {
    const found = positives[i] ?? 0;
    area += ((found - before) / total) * (found / (found + (negatives[i] ?? 0)));
    before = found;
  }
  return area;
}
