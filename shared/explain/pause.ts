import { formula } from './formula.ts';
import { numberText } from './number-text.ts';

/** A pause against the pauses before it. */
interface PauseNumbers {
  /** Pauses of the last two to four weeks. */
  readonly pauses: number;
  /** The running pause and the longest before it, in minutes in which anybody was heard. */
  readonly minutes: number;
  readonly longest: number;
}

const names = ['pauses', 'minutes', 'longest'] as const satisfies readonly (keyof PauseNumbers)[];

// The index of the Pareto tail of pauses beyond the longest: of finite mean and variance, which clocks and people have.
const tailIndex = 3;

/**
 * ln of how likely the next pause is as long: longer than all n before it with 1/(n + 1), and by how much as a Pareto
 * tail has it.
 *
 * @source records of exchangeable draws: Rényi 1962; tail: Pickands 1975, Annals of Statistics 3(1)
 */
export function logPause({ pauses, minutes, longest }: PauseNumbers): number {
  return -Math.log1p(pauses) - tailIndex * Math.log(minutes / longest);
}

export const pause = formula({ names, compute: logPause, tell });

function tell({ pauses, minutes, longest }: PauseNumbers): readonly string[] {
  return [
    `of ${numberText(pauses)} pauses before it the longest took ${numberText(longest)} minutes, this one ${numberText(minutes)} so far`,
    `longer than all before: 1 / (${numberText(pauses)} + 1); longer by so much: ` +
      `(${numberText(minutes)} / ${numberText(longest)})^−${tailIndex}`,
  ];
}
