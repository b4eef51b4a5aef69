import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventLog } from '../../../shared/log/log.ts';
import { isKafkaAvailable } from '../../support/kafka-broker.ts';
import { kafkaPlace } from '../../support/kafka-place.ts';
import { listen, readAll, toPartition, topicSpec, until } from '../../support/logs.ts';

// A broker that dies under load, and comes back: what was acknowledged is there, in order, and readers go on.
const isOurs = process.env['KAFKA_BROKERS'] === undefined;
const perAppend = 50;

describe.runIf(isOurs && (await isKafkaAvailable()))('kafka under load', () => {
  let place: Awaited<ReturnType<typeof kafkaPlace>>;
  let log: EventLog;
  beforeAll(async () => {
    place = await kafkaPlace();
    log = await place.open();
  });
  afterAll(async () => {
    await log.close();
    await place.dispose();
  });

  /** Appends numbers, each append again and again until it is acknowledged, as a shipper would; counts them. */
  function startLoad(topic: string) {
    const load = { acknowledged: 0, refusals: 0, isEnding: false, done: Promise.resolve() };
    const run = async () => {
      while (!load.isEnding) {
        const values = Array.from({ length: perAppend }, (_, i) => String(load.acknowledged + i));
        await log.append(topic, toPartition(0, ...values)).then(
          () => {
            load.acknowledged += perAppend;
          },
          () => {
            load.refusals++;
          },
        );
      }
    };
    load.done = run();
    return load;
  }

  test.each(['kill', 'stop'] as const)(
    'after a %s and a start every acknowledged record is read, in order',
    async (how) => {
      const { name } = topicSpec();
      await log.ensureTopics([topicSpec({ name })]);
      const member = await listen(log, { group: name, topics: [name] });
      const load = startLoad(name);
      await until(
        () => load.acknowledged,
        (count) => count > 10 * perAppend,
      );
      await place.broker[how]();
      await until(
        () => load.refusals,
        (count) => count > 0,
      );
      await place.broker.start();
      const before = load.acknowledged;
      await until(
        () => load.acknowledged,
        (count) => count > before + 10 * perAppend,
      );
      load.isEnding = true;
      await load.done;

      const kept = (await readAll(log, { topic: name, partition: 0 })).map(({ value }) => Number(value));
      const firsts = [...new Set(kept)];
      // A refused append may be there all the same, so its repeat may be the second one; the first ones are in order.
      expect(firsts.slice(0, load.acknowledged)).toEqual(
        Array.from({ length: load.acknowledged }, (_, i) => i),
      );
      await until(
        () => new Set(member.values()).size,
        (count) => count >= load.acknowledged,
      );
      expect(member.errors).toEqual([]);
      await member.subscription.stop();
    },
  );
});
