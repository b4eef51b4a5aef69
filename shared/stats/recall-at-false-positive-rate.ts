import type { Ranking } from './ranking.ts';

/**
 * The share of positives found by the lowest threshold whose false-positive rate does not exceed a limit. No
 * interpolation between thresholds: what is given can be reached.
 *
 * @param falsePositiveRateMax in [0, 1]
 */
export function recallAtFalsePositiveRate(
  { positives, negatives }: Ranking,
  falsePositiveRateMax: number,
): number {
  const last = positives.length - 1;
  const allowed = falsePositiveRateMax * (negatives[last] ?? 0);
  let found = 0;
  for (let i = 0; i <= last && (negatives[i] ?? 0) <= allowed; i += 1) found = positives[i] ?? 0;
  return found / (positives[last] ?? 0);
}
