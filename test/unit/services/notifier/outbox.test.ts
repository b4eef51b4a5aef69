import { expect, test } from 'vitest';
import { createOutbox } from '../../../../services/notifier/outbox.ts';
import { aDelivery } from '../../../support/delivery.ts';

const waiting = (alert: string, revision: number, at: number) =>
  aDelivery({ alert, revision, id: `${alert}${revision}`, next_attempt_at: at });
const done = { state: 'delivered', next_attempt_at: null } as const;

test('the message that is due longest comes first, one that is not due does not come', () => {
  const outbox = createOutbox();
  outbox.add(waiting('a', 1, 300));
  outbox.add(waiting('b', 1, 100));
  expect(outbox.nextDueAt()).toBe(100);
  expect(outbox.takeDue(99)).toBeUndefined();
  expect(outbox.takeDue(200)?.id).toBe('b1');
  expect(outbox.takeDue(200)).toBeUndefined();
  expect(outbox.nextDueAt()).toBe(300);
});

test('a later message of an alert waits until the earlier one has ended', () => {
  const outbox = createOutbox();
  const first = waiting('a', 1, 0);
  outbox.add(first);
  outbox.add(waiting('a', 2, 0));
  outbox.add(waiting('b', 1, 5));
  expect(outbox.takeDue(10)?.id).toBe('a1');
  expect(outbox.takeDue(10)?.id).toBe('b1');
  expect(outbox.takeDue(10)).toBeUndefined();
  outbox.settle({ ...first, attempt: 1, state: 'failed', next_attempt_at: 50 });
  expect(outbox.takeDue(49)).toBeUndefined();
  expect(outbox.takeDue(50)?.attempt).toBe(1);
  outbox.settle({ ...first, ...done });
  expect(outbox.takeDue(50)?.id).toBe('a2');
});

test('its size counts what waits and what is under way', () => {
  const outbox = createOutbox();
  const first = waiting('a', 1, 0);
  outbox.add(first);
  outbox.add(waiting('a', 2, 0));
  outbox.takeDue(0);
  expect(outbox.size).toBe(2);
  outbox.settle({ ...first, ...done });
  expect(outbox.size).toBe(1);
});

test('an attempt that never was cannot end', () => {
  expect(() => createOutbox().settle({ ...waiting('a', 1, 0), ...done })).toThrow('no message under way');
});
