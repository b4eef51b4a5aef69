/** Delays that are kept of one delivery or minute: the median of 128 is good to about a tenth of the spread. */
const keptMax = 128;

/** How long records were on their way, ms: from the time that they tell to their receipt. Negative: from the future. */
export interface Delays {
  readonly add: (delayMs: number) => void;
  /** Takes over what another one keeps. */
  readonly addAll: (others: Delays) => void;
  /** An even sample, in order of arrival. */
  readonly kept: () => readonly number[];
  /** The smallest of all; `undefined` without any. */
  readonly least: () => number | undefined;
  /** The median of the sample; `undefined` without any. */
  readonly median: () => number | undefined;
}

/** Starts without any. Memory is bounded: when the sample is full, every other one goes, and half as many come. */
export function createDelays(): Delays {
  let kept: number[] = [];
  let stride = 1;
  let seen = 0;
  let least: number | undefined;
  const add = (delayMs: number) => {
    if (least === undefined || delayMs < least) least = delayMs;
    if (seen % stride === 0) {
      kept.push(delayMs);
      if (kept.length >= keptMax) {
        kept = kept.filter((_, index) => index % 2 === 0);
        stride *= 2;
      }
    }
    seen += 1;
  };
  return {
    add,
    addAll: (others) => {
      for (const delayMs of others.kept()) add(delayMs);
      const other = others.least(); // may be none of its sample
      if (other !== undefined && least !== undefined && other < least) least = other;
    },
    kept: () => kept,
    least: () => least,
    median: () => kept.toSorted((a, b) => a - b)[Math.floor(kept.length / 2)],
  };
}
