import { CompressionTypes } from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import { openKafkaLog } from '../../shared/log/kafka.ts';
import { createKafka } from '../../shared/log/kafka-client.ts';
import { codecsWithout, registerCodecs } from '../../shared/log/kafka-codecs.ts';
import type { EventLog, UnreadableRange } from '../../shared/log/log.ts';
import { silentLogger } from '../../shared/logger.ts';
import { isKafkaAvailable } from '../support/kafka-broker.ts';
import { kafkaPlace } from '../support/kafka-place.ts';
import { kafkaSettings } from '../support/kafka-settings.ts';
import { listen, readAll, toPartition, topicSpec, until } from '../support/logs.ts';

// What the log on Kafka promises beyond the seam: foreign records of every codec, none that it cannot read in the
// way of others, brokers that come and go, and a quiet process.
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `v${from + i}`);

describe.runIf(await isKafkaAvailable())('the log on kafka', () => {
  let place: Awaited<ReturnType<typeof kafkaPlace>>;
  let log: EventLog;
  const lines: { level: number; kafka?: string; code?: string; from?: number; to?: number }[] = [];
  const warnings: Error[] = [];
  const noteWarning = (warning: Error) => warnings.push(warning);
  beforeAll(async () => {
    process.on('warning', noteWarning);
    const logger = pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) });
    place = await kafkaPlace({ logger });
    log = await place.open();
  });
  afterAll(async () => {
    await log.close();
    await place.dispose();
    process.off('warning', noteWarning);
  });
  const topic = async (partitions = 1) => {
    const spec = topicSpec({ partitions });
    await log.ensureTopics([spec]);
    return spec.name;
  };

  test.each(['none', 'gzip', 'zstd'] as const)(
    'appends with compression %s and reads it back',
    async (compression) => {
      const name = await topic();
      const settings = { ...kafkaSettings(place.broker.brokers), compression };
      const own = await openKafkaLog({ settings, clock: systemClock, logger: silentLogger });
      const value = 'a value that repeats '.repeat(100);
      await own.append(name, toPartition(0, value, value));
      expect((await own.read({ topic: name, partition: 0 }, 0, 10)).map((r) => String(r.value))).toEqual([
        value,
        value,
      ]);
      await own.close();
    },
  );

  test.each([
    ['gzip', CompressionTypes.GZIP],
    ['snappy', CompressionTypes.Snappy],
    ['lz4', CompressionTypes.LZ4],
    ['zstd', CompressionTypes.ZSTD],
  ])('reads what a foreign producer has compressed with %s', async (_, compression) => {
    const name = await topic();
    await produce(place.broker.brokers, name, compression, numbers(50));
    const records = await log.read({ topic: name, partition: 0 }, 0, 100);
    expect(records.map(({ value }) => String(value))).toEqual(numbers(50));
  });

  test('passes over a batch of a codec that it does not know, says so, and goes on', async () => {
    const name = await topic();
    const snappy = CompressionTypes.Snappy;
    await log.append(name, toPartition(0, 'before'));
    await produce(place.broker.brokers, name, snappy, numbers(10));
    await log.append(name, toPartition(0, 'after'));
    registerCodecs(codecsWithout(snappy));
    const told: UnreadableRange[] = [];
    const onUnreadable = (range: UnreadableRange) => told.push(range);
    const member = await listen(log, { group: name, topics: [name], onUnreadable });
    await until(member.values, (seen) => seen.length === 2);
    registerCodecs();
    expect(told).toEqual([
      { topic: name, partition: 0, from: 1, to: 10, reason: 'compression 2 is unknown' },
    ]);
    expect(member.records.map(({ offset, value }) => [offset, String(value)])).toEqual([
      [0, 'before'],
      [11, 'after'],
    ]);
    expect(lines.filter(({ code }) => code === 'LOG_CODEC_UNKNOWN')).toMatchObject([{ from: 1, to: 10 }]);
    await member.subscription.stop();
  });

  test('leaves out the records of a transaction that was taken back', async () => {
    const name = await topic();
    const kafka = createKafka(kafkaSettings(place.broker.brokers), silentLogger);
    const transactionalId = `${name}-transactions`;
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, transactionalId });
    await producer.connect();
    const aborted = await producer.transaction();
    await aborted.send({ topic: name, messages: [{ value: 'taken back' }] });
    await aborted.abort();
    const kept = await producer.transaction();
    await kept.send({ topic: name, messages: [{ value: 'kept' }] });
    await kept.commit();
    await producer.disconnect();
    const records = await readAll(log, { topic: name, partition: 0 });
    expect(records.map(({ value }) => String(value))).toEqual(['kept']);
  });

  const isOurs = process.env['KAFKA_BROKERS'] === undefined;
  test.runIf(isOurs)('a broker that is stopped and started costs no record and no restart', async () => {
    const name = await topic(2);
    const member = await listen(log, { group: name, topics: [name] });
    await log.append(name, [...toPartition(0, ...numbers(10)), ...toPartition(1, ...numbers(10))]);
    await until(member.values, (seen) => seen.length === 20);
    await place.broker.stop();
    const refused = await log.append(name, toPartition(0, 'lost?')).then(
      () => 'appended',
      (error) => error.code,
    );
    expect(refused).toBe('LOG_UNAVAILABLE');
    await expect(log.ping()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await place.broker.start();
    const repeat = () =>
      log.append(name, toPartition(0, ...numbers(10, 10))).then(
        () => true,
        () => false,
      );
    await until(repeat, Boolean);
    await until(member.values, (seen) => seen.includes('v19'));
    const kept = (await readAll(log, { topic: name, partition: 0 })).map(({ value }) => String(value));
    expect(kept.filter((value) => value !== 'lost?').slice(0, 10)).toEqual(numbers(10));
    await log.append(name, toPartition(1, 'end'));
    await until(member.values, (seen) => seen.includes('end'));
    expect(member.errors).toEqual([]);
    await member.subscription.stop();
  });

  test('a consumer that cannot read its state while brokers are away is asked again', async () => {
    const name = await topic(1);
    await log.append(name, toPartition(0, ...numbers(3)));
    let asked = 0;
    const onAssigned = async () => {
      asked += 1;
      if (asked < 3) throw new AppError('LOG_UNAVAILABLE', 'no broker answers');
      return 1;
    };
    const member = await listen(log, { group: name, topics: [name], onAssigned });
    await until(member.values, (seen) => seen.length === 2);
    expect(asked).toBe(3);
    expect(member.errors).toEqual([]);
    await member.subscription.stop();
  });

  test('names a topic that does not exist, and brokers that do not answer', async () => {
    await expect(log.append('nowhere', toPartition(0, 'v'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const settings = kafkaSettings(['127.0.0.1:1']);
    const opening = openKafkaLog({ settings, clock: systemClock, logger: silentLogger });
    await expect(opening).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    const none = openKafkaLog({ settings: kafkaSettings([]), clock: systemClock, logger: silentLogger });
    await expect(none).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test('makes no noise: no error of kafkajs above a warning, no warning of timers in the past', () => {
    const errorLevel = 50; // pino's
    expect(lines.filter(({ level, code }) => level >= errorLevel && code === undefined)).toEqual([]);
    expect(lines.length).toBeGreaterThan(0);
    expect(warnings.filter(({ name }) => name === 'TimeoutNegativeWarning')).toEqual([]);
  });
});

async function produce(
  brokers: readonly string[],
  topic: string,
  compression: CompressionTypes,
  values: readonly string[],
): Promise<void> {
  const producer = createKafka(kafkaSettings(brokers), silentLogger).producer();
  await producer.connect();
  const messages = values.map((value) => ({ value, partition: 0 }));
  await producer.send({ topic, compression, messages });
  await producer.disconnect();
}
