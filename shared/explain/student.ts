import { logStudentTail } from '#shared/stats/log-student-tail.ts';
import { numberText, probabilityText } from './number-text.ts';

/** A quantity, as its natural logarithm, against Student's t. */
export interface StudentNumbers {
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
] as const satisfies readonly (keyof StudentNumbers)[];

/** ln P(X ≥ value). */
export const logStudent = ({ value, center, scale, degrees }: Readonly<StudentNumbers>): number =>
  logStudentTail((value - center) / scale, degrees);

/** The same with its numbers put in, for a person. */
export function tellStudent(numbers: Readonly<StudentNumbers>): string {
  const { value, center, scale, degrees } = numbers;
  return (
    `on the scale of its natural logarithm ${numberText(value)}, where ${numberText(center)} ± ${numberText(scale)} is ` +
    `expected: P(t ≥ ${numberText((value - center) / scale)}) with ${numberText(degrees)} degrees of freedom = ${probabilityText(logStudent(numbers))}`
  );
}
