import { runBacktest } from '../../services/scorer/backtest.ts';
import { detectors } from '../../services/scorer/detectors/index.ts';
import { newDataFolder, removeData, startAmiss } from '../support/amiss-process.ts';
import { isKafkaAvailable, startKafkaBroker } from '../support/kafka-broker.ts';
import { atLeast, atMost, type BenchRow, flagValue, reportRows } from './report.ts';
import { bodiesOf, darpaEventsFile } from './speed/events.ts';
import { webhookLatency } from './speed/latency.ts';
import { peakMemoryBytes, sendAll, untilDrained } from './speed/load.ts';

// npm run bench:speed [-- --json FILE] [-- --only NAME]: how fast each part and the whole is, on this machine.
const arguments_ = process.argv.slice(2);
const only = flagValue(arguments_, '--only') ?? '';
const dataSets = flagValue(arguments_, '--data') ?? process.env['AMISS_DATA_SETS'] ?? '../shared/data';
const pipelineEvents = 500_000;
const eventsPerBody = 5_000;

const parts: Record<string, (file: string) => Promise<readonly BenchRow[]>> = {
  scorer: scorerRates,
  collector: collectorRate,
  embedded: embeddedRate,
  kafka: kafkaRate,
  latency: latency,
};

const file = await darpaEventsFile(dataSets);
const rows: BenchRow[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (only !== '' && only !== name) continue;
  process.stderr.write(`${name} ...\n`);
  rows.push(...(await measure(file)));
}
reportRows(rows, arguments_);

async function scorerRates(events: string): Promise<readonly BenchRow[]> {
  const two = detectors.filter(({ name }) => name === 'volume' || name === 'new-edge');
  const rate = async (chosen: typeof detectors) => {
    const startedAt = performance.now();
    const { events: count } = await runBacktest({ files: [events], detectors: chosen });
    return count / ((performance.now() - startedAt) / 1000);
  };
  return [
    atLeast('scorer, volume and new edge, darpa98', await rate(two), 'events/s', 150_000),
    atLeast(
      'scorer, every detector, darpa98',
      await rate(detectors),
      'events/s',
      60_000,
      'Random Cut Forest 16,000; River half-space trees 20,000',
    ),
  ];
}

async function collectorRate(events: string): Promise<readonly BenchRow[]> {
  const bodies = await bodiesOf(events, pipelineEvents, eventsPerBody);
  const amiss = await startAmiss({ command: 'collector' });
  const startedAt = performance.now();
  await sendAll(amiss.url, bodies);
  const rate = pipelineEvents / ((performance.now() - startedAt) / 1000);
  await amiss.end('SIGTERM');
  removeData(amiss.data);
  return [
    {
      name: 'collector, accepted and durable',
      value: rate,
      unit: 'events/s',
      bar: null,
      met: null,
      anchor: null,
    },
  ];
}

async function embeddedRate(events: string): Promise<readonly BenchRow[]> {
  const { rate, peakBytes } = await endToEnd(events, {});
  return [
    atLeast('embedded, HTTP to row and score', rate, 'events/s', 60_000),
    {
      name: 'embedded, peak memory',
      value: peakBytes / 2 ** 20,
      unit: 'MiB',
      bar: null,
      met: null,
      anchor: null,
    },
  ];
}

async function kafkaRate(events: string): Promise<readonly BenchRow[]> {
  if (!(await isKafkaAvailable())) return [];
  const broker = await startKafkaBroker();
  try {
    const environment = { AMISS_LOG_KIND: 'kafka', AMISS_LOG_BROKERS: broker.brokers.join(',') };
    const { rate } = await endToEnd(events, environment);
    return [atLeast('Kafka, HTTP to row and score, broker on the same cores', rate, 'events/s', 30_000)];
  } finally {
    await broker.dispose();
  }
}

async function endToEnd(events: string, environment: Readonly<Record<string, string>>) {
  const bodies = await bodiesOf(events, pipelineEvents, eventsPerBody);
  const data = newDataFolder();
  const amiss = await startAmiss({ command: 'up', environment, data });
  const startedAt = performance.now();
  await sendAll(amiss.url, bodies);
  await untilDrained(amiss);
  const rate = pipelineEvents / ((performance.now() - startedAt) / 1000);
  const peakBytes = peakMemoryBytes(amiss.pid);
  await amiss.end('SIGTERM');
  removeData(data);
  return { rate, peakBytes };
}

async function latency(): Promise<readonly BenchRow[]> {
  const rate = Number(flagValue(arguments_, '--rate') ?? 20_000);
  const { arrived, planted, p50Ms, p99Ms } = await webhookLatency(rate);
  return [
    atLeast(`webhooks of planted calls, at ${rate} events/s`, arrived / planted, 'share', 1),
    { name: 'event to webhook, median', value: p50Ms, unit: 'ms', bar: null, met: null, anchor: null },
    atMost('event to webhook, p99', p99Ms, 'ms', 1_000),
  ];
}
