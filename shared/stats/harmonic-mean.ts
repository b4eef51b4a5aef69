import { logAddExp } from './log-add-exp.ts';

/** ln p of several tests of much the same, taken in one by one. */
export interface HarmonicMean {
  clear(): void;
  /** Takes a test in. Values above 0 are no test. */
  add(lnP: number): void;
  /** 1: there was no test. */
  result(): number;
}

/**
 * Bonferroni's bound in its smooth form: the harmonic mean of the p, at most 1.
 *
 * @source Wilson 2019, PNAS 116(4)
 */
export function createHarmonicMean(): HarmonicMean {
  let inverse = 0;
  let tests = 0;
  return {
    clear: () => {
      tests = 0;
    },
    add: (lnP) => {
      if (lnP > 0) return;
      inverse = tests === 0 ? -lnP : logAddExp(inverse, -lnP);
      tests += 1;
    },
    result: () => (tests === 0 ? 1 : Math.min(0, Math.log(tests) - inverse)),
  };
}
