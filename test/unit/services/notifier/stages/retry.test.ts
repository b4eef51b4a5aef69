import { expect, test } from 'vitest';
import type { Delivery } from '#shared/delivery.ts';
import type { DeliveryResult } from '../../../../../services/notifier/delivery-result.ts';
import { afterAttempt, retryDelaysMs } from '../../../../../services/notifier/stages/retry.ts';
import { aDelivery } from '../../../../support/delivery.ts';

const failure: DeliveryResult = { ok: false, retry: true, reason: 'http 500', status: 500 };
const after = (delivery: Delivery, result: DeliveryResult, draw = 0) =>
  afterAttempt(delivery, { result, now: 1_000, durationMs: 12, random: { next: () => draw } });

test('a delivered message keeps nothing to tell', () => {
  const next = after(aDelivery({ attempt: 2 }), { ok: true, status: 204 });
  expect(next).toMatchObject({
    state: 'delivered',
    attempt: 3,
    status: 204,
    reason: '',
    next_attempt_at: null,
  });
  expect(next).toMatchObject({ time: 1_000, duration_ms: 12 });
  expect(next.notification).toBeUndefined();
});

test('attempts follow the schedule of the specification, then end', () => {
  const waits: (number | null)[] = [];
  let delivery = aDelivery();
  for (let attempt = 0; attempt < 10; attempt += 1) {
    delivery = after(delivery, failure);
    waits.push(delivery.next_attempt_at === null ? null : delivery.next_attempt_at - 1_000);
  }
  // Standard Webhooks 1.0.0: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h
  expect(waits).toEqual([5e3, 3e5, 18e5, 72e5, 18e6, 36e6, 504e5, 72e6, 864e5, null]);
  expect(delivery).toMatchObject({ state: 'gave_up', attempt: 10, reason: 'http 500', status: 500 });
  expect(delivery.notification).toBeUndefined();
});

test('waits are spread over a fifth of their length', () => {
  expect(after(aDelivery(), failure, 0.5).next_attempt_at).toBe(1_000 + 5_500);
});

test('a receiver that asks for a longer wait gets it, one that asks for a shorter does not', () => {
  expect(after(aDelivery(), { ...failure, retryAfterMs: 60_000 }).next_attempt_at).toBe(61_000);
  expect(after(aDelivery(), { ...failure, retryAfterMs: 10 }).next_attempt_at).toBe(
    1_000 + (retryDelaysMs[0] ?? 0),
  );
});

test('a failure that no repetition heals ends the attempts', () => {
  const next = after(aDelivery(), { ok: false, retry: false, reason: 'http 410', status: 410 });
  expect(next).toMatchObject({ state: 'gave_up', attempt: 1, next_attempt_at: null });
});
