import { expect, test } from 'vitest';
import { createAppointments } from '../../../../../../services/scorer/baseline/tables/appointments.ts';

test('slots come up in their minute of their clock, in ascending order, and once', () => {
  const appointments = createAppointments();
  for (const slot of [7, 3, 5]) appointments.by(slot, 0, 10);
  appointments.by(4, 1, 10);
  expect(appointments.take(0, 9)).toEqual([]);
  expect(appointments.take(0, 10)).toEqual([3, 5, 7]);
  expect(appointments.take(0, 10)).toEqual([]);
  expect(appointments.take(1, 10)).toEqual([4]);
});

test('the earlier of two appointments of a slot holds', () => {
  const appointments = createAppointments();
  appointments.by(1, 0, 10);
  appointments.by(1, 0, 20);
  appointments.by(2, 0, 20);
  appointments.by(2, 0, 10);
  expect(appointments.take(0, 10)).toEqual([1, 2]);
  expect(appointments.take(0, 20)).toEqual([]);
});

test('what is cancelled does not come up', () => {
  const appointments = createAppointments();
  appointments.by(1, 0, 10);
  appointments.by(2, 0, 10);
  appointments.cancel(1);
  expect(appointments.take(0, 10)).toEqual([2]);
  appointments.by(3, 0, 10);
  appointments.clear();
  expect(appointments.take(0, 10)).toEqual([]);
});
