import { logCalibrated, type TailNumbers, tailNames, tellCalibration } from './calibration.ts';
import { formula } from './formula.ts';
import { logStudent, type StudentNumbers, studentNames, tellStudent } from './student.ts';

/** A quantity against Student's t, its surprise against the group's tail. */
type Numbers = StudentNumbers & TailNumbers;

/** ln P(X ≥ value), calibrated by the group's own tail. */
const logStudentWithTail = (numbers: Readonly<Numbers>): number =>
  Math.min(0, logCalibrated(logStudent(numbers), numbers));

export const studentWithTail = formula({
  names: [...studentNames, ...tailNames],
  compute: logStudentWithTail,
  tell: (numbers: Readonly<Numbers>) => [
    tellStudent(numbers),
    ...tellCalibration(logStudent(numbers), numbers).map((line) => `calibrated by its group: ${line}`),
  ],
});
