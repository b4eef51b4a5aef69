import type { Delivery } from '#shared/delivery.ts';
import { anAlert } from './alert.ts';

/** A message of a test that waits for its first attempt; what matters to the test is given. */
export function aDelivery(parts: Partial<Delivery> = {}): Delivery {
  return {
    id: 'msg_1',
    attempt: 0,
    time: 500,
    space: 'default',
    alert: 'alert-1',
    revision: 1,
    target: 'soc',
    state: 'pending',
    status: null,
    reason: '',
    next_attempt_at: 500,
    duration_ms: 0,
    type: 'anomaly.alert.created',
    alert_status: 'new',
    severity: 60,
    notification: JSON.stringify(anAlert()),
    ...parts,
  };
}
