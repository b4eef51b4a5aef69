import { rm } from 'node:fs/promises';
import { systemClock } from '../../shared/clock.ts';
import { openEmbeddedLog } from '../../shared/log/embedded.ts';
import { openKafkaLog } from '../../shared/log/kafka.ts';
import type { EventLog } from '../../shared/log/log.ts';
import { silentLogger } from '../../shared/logger.ts';
import { isKafkaAvailable, startKafkaBroker } from '../support/kafka-broker.ts';
import { kafkaSettings } from '../support/kafka-settings.ts';
import { embeddedPlace, topicSpec } from '../support/logs.ts';
import { atLeast, type BenchRow, reportRows } from './report.ts';

// How fast records of an event's size go into the log, durably, and come out again: `node test/bench/log.ts`.
const recordsPerAppend = 1_000;
const appendsAtOnce = 4;
const partitions = 4;
const value = Buffer.from(
  JSON.stringify({
    id: '0192d3a4-7c1e-7abc-8def-0123456789ab',
    action: 'GET /orders/{id}',
    pad: 'y'.repeat(250),
  }),
);

interface Subject {
  readonly name: string;
  readonly records: number;
  /** Records a second that the services need of it. */
  readonly bars: { readonly append: number; readonly read: number };
  readonly anchor: string | null;
}

async function measure(log: EventLog, { name, records, bars, anchor }: Subject): Promise<BenchRow[]> {
  const spec = topicSpec({ partitions });
  await log.ensureTopics([spec]);
  const batches = records / recordsPerAppend;
  const batch = (number: number) =>
    Array.from({ length: recordsPerAppend }, (_, i) => ({
      key: `agent-${(number * 1_000 + i) % 5_003}`,
      value,
    }));
  const appendStart = performance.now();
  for (let first = 0; first < batches; first += appendsAtOnce)
    await Promise.all(
      Array.from({ length: appendsAtOnce }, (_, i) => log.append(spec.name, batch(first + i))),
    );
  const appendSeconds = (performance.now() - appendStart) / 1000;

  const all = Promise.withResolvers<void>();
  let read = 0;
  let firstAt = 0;
  const subscription = await log.subscribe({
    group: spec.name,
    topics: [spec.name],
    from: 'earliest',
    onBatch: async (got) => {
      if (firstAt === 0) firstAt = performance.now();
      read += got.records.length;
      if (read >= records) all.resolve();
    },
    onError: all.reject,
  });
  await all.promise;
  const readSeconds = (performance.now() - firstAt) / 1000;
  await subscription.stop();
  const delayMs = await wakeDelay(log);
  return [
    atLeast(`${name}: durable append`, Math.round(records / appendSeconds), 'records/s', bars.append, anchor),
    atLeast(`${name}: read by a group`, Math.round(records / readSeconds), 'records/s', bars.read, anchor),
    { name: `${name}: append to batch, p50`, value: delayMs, unit: 'ms', bar: null, met: null, anchor: null },
  ];
}

/** Milliseconds from the call of an append to the reader's batch, in the middle of 50. */
async function wakeDelay(log: EventLog): Promise<number> {
  const spec = topicSpec();
  await log.ensureTopics([spec]);
  let arrived = Promise.withResolvers<void>();
  const subscription = await log.subscribe({
    group: spec.name,
    topics: [spec.name],
    from: 'earliest',
    onBatch: async () => arrived.resolve(),
    onError: (error) => arrived.reject(error),
  });
  const delaysMs: number[] = [];
  for (let i = 0; i < 50; i++) {
    arrived = Promise.withResolvers<void>();
    const startedAt = performance.now();
    await Promise.all([log.append(spec.name, [{ key: null, value }]), arrived.promise]);
    delaysMs.push(performance.now() - startedAt);
  }
  await subscription.stop();
  return delaysMs.toSorted((a, b) => a - b)[25] ?? 0;
}

const rows: BenchRow[] = [];
const place = await embeddedPlace();
const embedded = await openEmbeddedLog({ path: place.path, clock: systemClock });
rows.push(
  ...(await measure(embedded, {
    name: 'embedded',
    records: 1_000_000,
    bars: { append: 300_000, read: 500_000 },
    anchor: null,
  })),
);
await embedded.close();
await rm(place.path, { recursive: true, force: true });

if (await isKafkaAvailable()) {
  const broker = await startKafkaBroker();
  const settings = { ...kafkaSettings(broker.brokers), compression: 'none' as const };
  const kafka = await openKafkaLog({ settings, clock: systemClock, logger: silentLogger });
  // The broker shares the machine with the client; kafkajs's own producer reached 68,000 there.
  rows.push(
    ...(await measure(kafka, {
      name: 'kafka',
      records: 300_000,
      bars: { append: 55_000, read: 150_000 },
      anchor: 'kafkajs alone: 68,000 in, 150,000 out',
    })),
  );
  await kafka.close();
  await broker.dispose();
}
reportRows(rows, process.argv);
