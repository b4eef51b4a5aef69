import { expect, test } from 'vitest';
import { createMetrics } from '#shared/metrics.ts';

test('the text names what was counted', async () => {
  const metrics = createMetrics();
  metrics.received.inc({ service: 'collector', source: 'fluent-bit' }, 3);
  metrics.counter('late_events', 'Events behind the watermark').inc({ service: 'scorer', kind: 'late' });
  metrics.counter('late_events', 'Events behind the watermark').inc({ service: 'scorer', kind: 'late' });
  const text = await metrics.text();
  expect(text).toContain('amiss_received_total{service="collector",source="fluent-bit"} 3');
  expect(text).toContain('amiss_late_events_total{service="scorer",kind="late"} 2');
});
