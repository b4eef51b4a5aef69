import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * The same figures for every service, told apart by the `service` label:
 * what came in, what was accepted or rejected, how far behind, how long it took.
 */
export interface Metrics {
  readonly received: Counter<'service' | 'source'>;
  readonly accepted: Counter<'service' | 'source'>;
  readonly rejected: Counter<'service' | 'source'>;
  readonly failures: Counter<'service' | 'code'>;
  /** Records that wait in the log, by topic and partition. */
  readonly lag: Gauge<'service' | 'topic' | 'partition'>;
  readonly latency: Histogram<'service' | 'step'>;
  /** Anything a service alone counts: `amiss_<name>_total`. Asking twice gives the same counter. */
  counter(name: string, help: string): Counter<'service' | 'kind'>;
  /** Anything a service alone measures: `amiss_<name>`. Asking twice gives the same gauge. */
  gauge(name: string, help: string): Gauge<'service' | 'kind'>;
  /** All figures as plain data, to be shown by another thread. */
  figures(): Promise<object>;
  /** Shows the figures of another thread among our own from now on. */
  include(figures: () => Promise<object>): void;
  /** The text that Prometheus scrapes. */
  text(): Promise<string>;
  readonly contentType: string;
}

// Seconds; the product's own promises (a second to the webhook, ten to an effective decision) lie on bounds.
const latencyBucketsSeconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counters = new Map<string, Counter<'service' | 'kind'>>();
  const gauges = new Map<string, Gauge<'service' | 'kind'>>();
  const included: (() => Promise<object>)[] = [];
  const totals = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['service', 'source'] as const, registers });
  return {
    received: totals('amiss_received_total', 'Records that arrived'),
    accepted: totals('amiss_accepted_total', 'Records that were accepted'),
    rejected: totals('amiss_rejected_total', 'Records that were refused, with a reason in rejects'),
    failures: new Counter({
      name: 'amiss_failures_total',
      help: 'Operations that failed, by error code',
      labelNames: ['service', 'code'] as const,
      registers,
    }),
    lag: new Gauge({
      name: 'amiss_lag_records',
      help: 'Records in the log that this service has not read yet',
      labelNames: ['service', 'topic', 'partition'] as const,
      registers,
    }),
    latency: new Histogram({
      name: 'amiss_latency_seconds',
      help: 'Time that a step takes',
      labelNames: ['service', 'step'] as const,
      buckets: latencyBucketsSeconds,
      registers,
    }),
    counter: (name, help) => {
      const labelNames = ['service', 'kind'] as const;
      return remember(
        counters,
        name,
        () => new Counter({ name: `amiss_${name}_total`, help, labelNames, registers }),
      );
    },
    gauge: (name, help) => {
      const labelNames = ['service', 'kind'] as const;
      return remember(gauges, name, () => new Gauge({ name: `amiss_${name}`, help, labelNames, registers }));
    },
    figures: () => registry.getMetricsAsJSON(),
    include: (figures) => void included.push(figures),
    text: async () => {
      const all = await Promise.all([registry.getMetricsAsJSON(), ...included.map((figures) => figures())]);
      return AggregatorRegistry.aggregate(all).metrics();
    },
    contentType: registry.contentType,
  };
}

function remember<V>(known: Map<string, V>, name: string, create: () => V): V {
  const existing = known.get(name);
  if (existing !== undefined) return existing;
  const created = create();
  known.set(name, created);
  return created;
}
