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

test('the figures of another thread stand among our own', async () => {
  const [ours, theirs] = [createMetrics(), createMetrics()];
  ours.received.inc({ service: 'collector', source: 'native' }, 2);
  theirs.received.inc({ service: 'scorer', source: 'events' }, 5);
  ours.include(() => theirs.figures());
  const text = await ours.text();
  expect(text).toContain('amiss_received_total{service="collector",source="native"} 2');
  expect(text).toContain('amiss_received_total{service="scorer",source="events"} 5');
  expect(text.match(/# TYPE amiss_received_total/g)).toHaveLength(1);
});
