import { logStudentTail } from '#shared/stats/log-student-tail.ts';
import { logCalibrated, type TailNumbers, tailNames, tellCalibration } from './calibration.ts';
import { formula } from './formula.ts';
import { numberText, probabilityText } from './number-text.ts';

/** A quantity (its logarithm) against Student's t, its surprise against the group's tail. */
interface StudentNumbers extends TailNumbers {
  value: number;
  center: number;
  scale: number;
  degrees: number;
}

const names = [
  'value',
  'center',
  'scale',
  'degrees',
  ...tailNames,
] as const satisfies readonly (keyof StudentNumbers)[];

const logModel = ({ value, center, scale, degrees }: Readonly<StudentNumbers>) =>
  logStudentTail((value - center) / scale, degrees);

/** ln P(X ≥ value), calibrated by the group's own tail. */
function logStudentWithTail(numbers: Readonly<StudentNumbers>): number {
  return Math.min(0, logCalibrated(logModel(numbers), numbers));
}

export const studentWithTail = formula({ names, compute: logStudentWithTail, tell });

function tell(numbers: Readonly<StudentNumbers>): readonly string[] {
  const { value, center, scale, degrees } = numbers;
  const lnP = logModel(numbers);
  return [
    `on the scale of its natural logarithm ${numberText(value)}, where ${numberText(center)} ± ${numberText(scale)} is ` +
      `expected: P(t ≥ ${numberText((value - center) / scale)}) with ${numberText(degrees)} degrees of freedom = ${probabilityText(lnP)}`,
    ...tellCalibration(lnP, numbers).map((line) => `calibrated by its group: ${line}`),
  ];
}
