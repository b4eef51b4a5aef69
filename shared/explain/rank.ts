import { formula } from './formula.ts';
import { numberText } from './number-text.ts';

/** How rarely active a thing is among a population, by active minutes. */
export interface RankNumbers {
  /** Minutes in which the thing was active. */
  minutes: number;
  /** Minutes of what was active once, with the prior: they measure what never was. */
  unseen: number;
  /** Minutes of things less active than it, and of things as active. */
  below: number;
  same: number;
  /** All minutes of the population, with the prior. */
  all: number;
}

const rankNames = ['minutes', 'unseen', 'below', 'same', 'all'] as const;
const newnessNames = ['unseen', 'all'] as const;

/** ln of the mid-p of a thing as rarely active as this one. */
export function logRank({ minutes, unseen, below, same, all }: Readonly<RankNumbers>): number {
  return minutes === 0 ? Math.log((0.5 * unseen) / all) : Math.log((unseen + below + 0.5 * same) / all);
}

/**
 * ln of the chance that the next active minute is of something new.
 *
 * @source Good 1953, Biometrika 40
 */
export function logNewness({ unseen, all }: Readonly<Pick<RankNumbers, 'unseen' | 'all'>>): number {
  return Math.log(unseen / all);
}

export const rank = formula({ names: rankNames, compute: logRank, tell: tellRank });

export const newness = formula({
  names: newnessNames,
  compute: logNewness,
  tell: ({ unseen, all }) => [
    `of ${numberText(all)} active minutes ${numberText(unseen)} speak for something new: ${numberText(unseen)} / ${numberText(all)}`,
  ],
});

function tellRank({ minutes, unseen, below, same, all }: Readonly<RankNumbers>): readonly string[] {
  if (minutes === 0) {
    return [
      `never active before; what never was is worth ${numberText(unseen)} of ${numberText(all)} minutes, and half of it ` +
        `counts: ½ × ${numberText(unseen)} / ${numberText(all)}`,
    ];
  }
  return [
    `active in ${numberText(minutes)} minutes so far; of all ${numberText(all)} active minutes ${numberText(below)} belong ` +
      `to what is rarer, ${numberText(same)} to what is as rare, ${numberText(unseen)} to what was never seen`,
    `(${numberText(unseen)} + ${numberText(below)} + ½ × ${numberText(same)}) / ${numberText(all)}`,
  ];
}
