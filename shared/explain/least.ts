import { formula } from './formula.ts';
import { numberText, probabilityText } from './number-text.ts';

/** The least likely of several. */
interface LeastNumbers {
  /** Natural logarithm of the least p. */
  readonly least: number;
  /** How many there were. */
  readonly tries: number;
}

const names = ['least', 'tries'] as const satisfies readonly (keyof LeastNumbers)[];

/** ln p of the least likely of several: each had its chance (Bonferroni). */
export function logLeast({ least, tries }: LeastNumbers): number {
  return Math.min(0, least + Math.log(Math.max(1, tries)));
}

export const least = formula({ names, compute: logLeast, tell });

function tell(numbers: LeastNumbers): readonly string[] {
  if (numbers.tries <= 1) return [`as it was told when it happened`];
  return [
    `the least likely of ${numberText(numbers.tries)} had ${probabilityText(numbers.least)}; each had its chance: ` +
      `× ${numberText(numbers.tries)}`,
  ];
}
