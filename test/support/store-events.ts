import type { AmissEvent } from '#shared/event.ts';

// Retention counts from receipt: what was received long ago is gone before a test can look.
const receivedAt = Date.now();

/** A valid event with little in it; `n` makes its id and time. */
export function storeEvent(n: number, more: Partial<AmissEvent> = {}): AmissEvent {
  return {
    id: `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`,
    time: 1_700_000_000_000 + n,
    received_at: receivedAt,
    space: 'default',
    source: 'checkout',
    destination: 'payments',
    ...more,
  };
}

/** Objects as the log holds them: one JSON object a line. */
export function ndjson(rows: readonly unknown[]): Buffer {
  return Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}
