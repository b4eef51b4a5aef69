import { logGeneralizedParetoTail } from '#shared/stats/log-generalized-pareto-tail.ts';
import { numberText, probabilityText } from './number-text.ts';

/** The past of a peer group: how often its surprises went beyond the threshold, and how far. */
export interface TailNumbers {
  /** What was observed, and how much of it lay beyond the threshold; old observations count for less. */
  observed: number;
  exceeded: number;
  /** The generalised Pareto distribution of what lies beyond, in nats. */
  shape: number;
  spread: number;
}

export const tailNames = [
  'observed',
  'exceeded',
  'shape',
  'spread',
] as const satisfies readonly (keyof TailNumbers)[];

const thresholdP = 0.02;
/** The surprise from which the tail begins, in nats: the 98 % quantile of a model that is right. */
export const tailThreshold = -Math.log(thresholdP);
// The model's own word counts as much as five hundred observations: ten excesses.
const priorCount = 500;

const rateOf = ({ observed, exceeded }: Readonly<TailNumbers>) =>
  (exceeded + thresholdP * priorCount) / (observed + priorCount);

/**
 * ln p as the group's past has it, from ln p as the model has it.
 *
 * @source peaks over threshold: Siffer, Fouque, Termier & Largouet 2017, KDD (SPOT)
 */
export function logCalibrated(lnP: number, numbers: Readonly<TailNumbers>): number {
  const surprise = -lnP;
  const rate = rateOf(numbers);
  if (surprise <= tailThreshold) return (surprise * Math.log(rate)) / tailThreshold;
  const { shape, spread } = numbers;
  return Math.log(rate) + logGeneralizedParetoTail({ shape, scale: spread }, surprise - tailThreshold);
}

/** The same with its numbers put in, for a person. */
export function tellCalibration(lnP: number, numbers: Readonly<TailNumbers>): readonly string[] {
  const { observed, exceeded, shape, spread } = numbers;
  const rate = rateOf(numbers);
  const past =
    `${numberText(exceeded)} of ${numberText(observed)} before were beyond p = ${thresholdP}, with ${priorCount} as the ` +
    `model has it: (${numberText(exceeded)} + ${thresholdP * priorCount}) / (${numberText(observed)} + ${priorCount}) = ${numberText(rate)}`;
  if (-lnP <= tailThreshold)
    return [past, `${probabilityText(lnP)}^(ln ${numberText(rate)} / ln ${thresholdP})`];
  const [excess, form, scale] = [numberText(-lnP - tailThreshold), numberText(shape), numberText(spread)];
  const beyond =
    shape === 0 ? `e^(−${excess} / ${scale})` : `(1 + ${form} × ${excess} / ${scale})^(−1 / ${form})`;
  return [
    past,
    `its surprise lies ${excess} nats beyond; a generalised Pareto tail of shape ${form} and scale ${scale}: ` +
      `${numberText(rate)} × ${beyond}`,
  ];
}
