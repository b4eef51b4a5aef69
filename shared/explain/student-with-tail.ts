import { logGeneralizedParetoTail } from '#shared/stats/log-generalized-pareto-tail.ts';
import { logStudentTail } from '#shared/stats/log-student-tail.ts';

/** How a group's surprises are distributed beyond a threshold. */
export interface TailNumbers {
  /** Surprise in nats from which the tail begins, and the share of the group's past that lies beyond. */
  threshold: number;
  rate: number;
  /** The generalised Pareto distribution of what lies beyond. */
  shape: number;
  spread: number;
}

/** A quantity (its logarithm) against Student's t, its surprise against the group's tail. */
interface StudentNumbers extends TailNumbers {
  value: number;
  center: number;
  scale: number;
  degrees: number;
}

export const studentNames = [
  'value',
  'center',
  'scale',
  'degrees',
  'threshold',
  'rate',
  'shape',
  'spread',
] as const;

/**
 * ln p as the group's past has it, from ln p as the model has it.
 *
 * @source peaks over threshold: Siffer, Fouque, Termier & Largouet 2017, KDD (SPOT)
 */
export function logCalibrated(
  lnP: number,
  { threshold, rate, shape, spread }: Readonly<TailNumbers>,
): number {
  const surprise = -lnP;
  if (surprise <= threshold) return (surprise * Math.log(rate)) / threshold;
  return Math.log(rate) + logGeneralizedParetoTail({ shape, scale: spread }, surprise - threshold);
}

/** ln P(X ≥ value), calibrated by the group's own tail. */
export function logStudentWithTail(numbers: Readonly<StudentNumbers>): number {
  const { value, center, scale, degrees } = numbers;
  return Math.min(0, logCalibrated(logStudentTail((value - center) / scale, degrees), numbers));
}
