import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createMetrics } from '#shared/metrics.ts';

const folder = new URL('../../dashboards/grafana/', import.meta.url).pathname;

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

/** Names of metrics, as Prometheus stores the parts of a histogram. */
const metricNames = /amiss_[a-z_]+/g;

test.each(globSync('*.json', { cwd: folder }))('%s asks for figures that the services give', async (name) => {
  const metrics = createMetrics();
  metrics.counter('signals', 'as the scorer counts them');
  metrics.counter('alerts', 'as the correlator counts them');
  const text = await metrics.text();
  const { panels } = JSON.parse(readFileSync(folder + name, 'utf8')) as Dashboard;
  expect(panels.length).toBeGreaterThan(0);
  for (const { title, targets } of panels) {
    const asked = targets.flatMap(({ expr }) => expr.match(metricNames) ?? []);
    expect(asked.length, title).toBeGreaterThan(0);
    for (const metric of asked) expect(text, title).toContain(`# TYPE ${metric.replace(/_bucket$/, '')} `);
  }
});
