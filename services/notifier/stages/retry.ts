import type { Delivery } from '#shared/delivery.ts';
import type { Random } from '#shared/random.ts';
import type { DeliveryResult } from '../delivery-result.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * How long to wait after each failed attempt, ms; after the last there is no further one. Three days and four hours
 * in all.
 *
 * @source Standard Webhooks 1.0.0, "Deliverability and reliability", the table of attempts
 */
export const retryDelaysMs: readonly number[] = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

// Up to a fifth longer, so that the messages of an outage do not come back all at once.
const jitter = 0.2;

/** What the log knows of a message after an attempt. */
export interface Attempted {
  readonly result: DeliveryResult;
  /** When the attempt ended, UTC ms. */
  readonly now: number;
  readonly durationMs: number;
  readonly random: Random;
}

/**
 * The record that follows an attempt: delivered, failed with the time of the next attempt, or given up. A receiver
 * that asks for a longer wait than the schedule's gets it.
 */
export function afterAttempt(delivery: Delivery, { result, now, durationMs, random }: Attempted): Delivery {
  const { notification, ...log } = delivery;
  const attempt = delivery.attempt + 1;
  const ended = { ...log, attempt, time: now, duration_ms: durationMs, status: result.status ?? null };
  if (result.ok) return { ...ended, state: 'delivered', reason: '', next_attempt_at: null };
  const delayMs = retryDelaysMs[attempt - 1];
  if (!result.retry || delayMs === undefined || notification === undefined) {
    return { ...ended, state: 'gave_up', reason: result.reason, next_attempt_at: null };
  }
  const waitMs = Math.max(delayMs * (1 + jitter * random.next()), result.retryAfterMs ?? 0);
  const next = now + Math.round(waitMs);
  return { ...ended, state: 'failed', reason: result.reason, next_attempt_at: next, notification };
}
