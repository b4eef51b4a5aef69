import { formula } from './formula.ts';
import { logShareOfPast, type PastNumbers, pastNames, tellShareOfPast } from './past.ts';
import { logStudent, type StudentNumbers, studentNames, tellStudent } from './student.ts';

/** A quantity against Student's t, its surprise against those of its group's past. */
type Numbers = StudentNumbers & PastNumbers;

/** ln of the share of the group's past that was as surprising. */
const logStudentWithPast = (numbers: Readonly<Numbers>): number =>
  logShareOfPast(logStudent(numbers), numbers);

export const studentWithPast = formula({
  names: [...studentNames, ...pastNames],
  compute: logStudentWithPast,
  tell: (numbers: Readonly<Numbers>) => [
    tellStudent(numbers),
    ...tellShareOfPast(logStudent(numbers), numbers),
  ],
});
