import { logCalibrated, type TailNumbers, tailNames, tellCalibration } from './calibration.ts';
import { formula } from './formula.ts';
import { numberText } from './number-text.ts';

// Surprises beyond 1.5 nats are gathered, of which chance has one on the average (detection reference, 2.9). By
// chance the sum exceeds s with probability (1 − θ) e^(−θ s), where e^(−1.5 θ) = 1 − θ.
const allowance = 1.5;
const decay = 0.5828;

/** What a session has gathered with one step more. */
export function gatheredWith(lnP: number, gathered: number): number {
  return Math.max(0, gathered - lnP - allowance);
}

/**
 * ln p of a session that gathered so much.
 *
 * @param gathered in nats, at least 0
 * @source Page 1954, Biometrika 41, with the tail of Cramér 1930
 */
export function logGathered(gathered: number): number {
  return gathered > 0 ? Math.log1p(-decay) - decay * gathered : 0;
}

export const gatheredSurprise = formula({
  names: ['gathered'],
  compute: ({ gathered }) => logGathered(gathered),
  tell: ({ gathered }) => [
    gathered > 0
      ? `beyond ${allowance} nats a step its steps gathered ${numberText(gathered)}: ` +
        `(1 − ${decay}) × e^(−${decay} × ${numberText(gathered)})`
      : `its steps gathered nothing beyond ${allowance} nats each`,
  ],
});

/** A cumulated sum of evidence against what such sums of its group came to. */
interface CusumNumbers extends TailNumbers {
  /** In nats, at least 0. */
  sum: number;
}

/**
 * ln p of a sum that never falls below zero: by chance it reaches h with at most e^(−h).
 *
 * @source bound: Kingman 1962, Quarterly Journal of Mathematics 13; calibration: peaks over threshold
 */
const logCusum = (numbers: Readonly<CusumNumbers>) => logCalibrated(-numbers.sum, numbers);

export const cusum = formula({
  names: ['sum', ...tailNames],
  compute: logCusum,
  tell: (numbers) => [
    `evidence for growth by half, day by day, has added up to ${numberText(numbers.sum)} nats: at most e^(−${numberText(numbers.sum)})`,
    ...tellCalibration(-numbers.sum, numbers).map((line) => `calibrated by its group: ${line}`),
  ],
});
