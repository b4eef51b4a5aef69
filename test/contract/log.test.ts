import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventLog } from '../../shared/log/log.ts';
import { partitionOf } from '../../shared/log/partition.ts';
import { isKafkaAvailable } from '../support/kafka-broker.ts';
import {
  embeddedPlace,
  keyed,
  type LogPlace,
  listen,
  readAll,
  toPartition,
  topicSpec,
  until,
} from '../support/logs.ts';

// The promise of shared/log/log.ts, kept by every implementation of it.
const places: { name: string; place: () => Promise<LogPlace> }[] = [
  { name: 'embedded', place: embeddedPlace },
];
if (await isKafkaAvailable()) {
  const { kafkaPlace } = await import('../support/kafka-place.ts');
  places.push({ name: 'kafka', place: kafkaPlace });
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);
const text = (records: readonly { value: Buffer }[]) => records.map(({ value }) => String(value));

describe.each(places)('the log in $name', ({ place: create }) => {
  let place: LogPlace;
  let log: EventLog;
  beforeAll(async () => {
    place = await create();
    log = await place.open();
  });
  afterAll(async () => {
    await log.close();
    await place.dispose();
  });
  const topic = async (spec: Parameters<typeof topicSpec>[0] = {}) => {
    const full = topicSpec(spec);
    await log.ensureTopics([full]);
    return full.name;
  };

  describe('append and read', () => {
    test('keeps the order of each partition and the partition of each key', async () => {
      const record = fc.record({ key: fc.string(), value: fc.string({ minLength: 1 }) });
      const appends = fc.array(fc.array(record, { maxLength: 20 }), { maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(appends, async (batches) => {
          const name = await topic({ partitions: 3 });
          for (const batch of batches) await log.append(name, batch);
          for (const partition of [0, 1, 2]) {
            const expected = batches.flat().filter(({ key }) => partitionOf(key, 3) === partition);
            const read = await log.read({ topic: name, partition }, 0, 1000);
            expect(read.map(({ key, value }) => ({ key, value: String(value) }))).toEqual(expected);
            expect(read.map(({ offset }) => offset)).toEqual(expected.map((_, i) => i));
          }
        }),
        { numRuns: 8 },
      );
    });

    test('gives a record its key, its bytes and the time of its append', async () => {
      const name = await topic();
      const value = Buffer.from([0, 255, 128, 10]);
      const before = Date.now();
      await log.append(name, [{ key: 'schlüssel', value }]);
      const [record] = await log.read({ topic: name, partition: 0 }, 0, 1);
      expect(record).toMatchObject({ offset: 0, key: 'schlüssel' });
      expect(Buffer.compare(record?.value ?? Buffer.of(), value)).toBe(0);
      expect(record?.timestamp).toBeGreaterThanOrEqual(before);
      expect(record?.timestamp).toBeLessThanOrEqual(Date.now());
    });

    test('reads from an offset, up to a limit, and nothing at the end', async () => {
      const name = await topic();
      await log.append(name, toPartition(0, ...numbers(10)));
      const part = { topic: name, partition: 0 };
      expect(text(await log.read(part, 3, 2))).toEqual(['v3', 'v4']);
      expect(text(await log.read(part, 8, 100))).toEqual(['v8', 'v9']);
      expect(await log.read(part, 10, 100)).toEqual([]);
      expect(await log.offsets(name)).toEqual([{ partition: 0, first: 0, next: 10 }]);
    });

    test('keeps what it acknowledged when it is closed and opened again', async () => {
      const name = await topic({ partitions: 2 });
      const first = await place.open();
      await first.append(name, toPartition(1, ...numbers(5)));
      await first.close();
      const second = await place.open();
      expect(text(await second.read({ topic: name, partition: 1 }, 0, 10))).toEqual(numbers(5));
      await second.close();
    });

    test('keeps the order of each of many appends that run at once', async () => {
      const name = await topic();
      const appends = numbers(40).map((prefix) => numbers(50).map((value) => `${prefix}-${value}`));
      await Promise.all(appends.map((values) => log.append(name, toPartition(0, ...values))));
      const read = text(await log.read({ topic: name, partition: 0 }, 0, 5000));
      expect(read).toHaveLength(2000);
      for (const values of appends)
        expect(read.filter((value) => value.startsWith(`${values[0]?.split('-')[0]}-`))).toEqual(values);
    });

    test('takes large records and large appends, and refuses what is over the limit', async () => {
      const name = await topic();
      const large = Buffer.alloc(5 * 2 ** 20, 'x');
      await log.append(name, [
        { key: null, value: large },
        { key: null, value: 'small' },
      ]);
      await log.append(name, toPartition(0, ...numbers(40).map((v) => v.padEnd(100_000, '.'))));
      const read = await readAll(log, { topic: name, partition: 0 });
      expect(read.map(({ value }) => value.length)).toEqual([
        large.length,
        5,
        ...numbers(40).map(() => 100_000),
      ]);
      const tooLarge = log.append(name, [{ key: null, value: Buffer.alloc(8 * 2 ** 20 + 1) }]);
      await expect(tooLarge).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' });
    });

    test('raises the partitions of a topic and never lowers them', async () => {
      const spec = topicSpec({ partitions: 2 });
      await log.ensureTopics([spec]);
      await log.ensureTopics([{ ...spec, partitions: 3 }]);
      await log.ensureTopics([{ ...spec, partitions: 1 }]);
      expect(await log.offsets(spec.name)).toHaveLength(3);
    });

    test('refuses work after it was closed', async () => {
      const closed = await place.open();
      await closed.close();
      await expect(closed.append('any', keyed('a'))).rejects.toMatchObject({ code: 'LOG_CLOSED' });
      await closed.close();
    });

    test('answers a ping', async () => {
      await expect(log.ping()).resolves.toBeUndefined();
    });
  });

  describe('groups', () => {
    test('a lone member reads every record once, in order, as it comes', async () => {
      const name = await topic({ partitions: 2 });
      await log.append(name, [...toPartition(0, 'a', 'b'), ...toPartition(1, 'c')]);
      const member = await listen(log, { group: name, topics: [name] });
      await until(member.values, (seen) => seen.length === 3);
      await log.append(name, toPartition(1, 'd'));
      await until(member.values, (seen) => seen.length === 4);
      expect(member.records.filter((r) => r.partition === 0).map((r) => String(r.value))).toEqual(['a', 'b']);
      expect(member.records.filter((r) => r.partition === 1).map((r) => String(r.value))).toEqual(['c', 'd']);
      await member.subscription.stop();
    });

    test('assigns before the first batch and revokes after the last', async () => {
      const name = await topic();
      await log.append(name, toPartition(0, 'a'));
      const member = await listen(log, { group: name, topics: [name] });
      await until(member.values, (seen) => seen.length === 1);
      await member.subscription.stop();
      expect(member.calls).toEqual(['assigned 0/0', 'batch 0/0', 'revoked 0/0']);
    });

    test('two members share the partitions, and the same number of two topics goes to one', async () => {
      const [left, right] = [await topic({ partitions: 4 }), await topic({ partitions: 4 })];
      const consumer = { group: left, topics: [left, right] };
      const first = await listen(log, consumer);
      const second = await listen(await place.open(), consumer);
      const shares = () => [first, second].map(({ subscription }) => subscription.assigned());
      await until(shares, (seen) => seen.every((parts) => parts.length === 4));
      for (const parts of shares()) {
        const numbersOf = (name: string) =>
          parts
            .filter((p) => p.topic === name)
            .map((p) => p.partition)
            .sort();
        expect(numbersOf(left)).toEqual(numbersOf(right));
      }
      await second.subscription.stop();
      await until(shares, (seen) => seen[0]?.length === 8);
      await first.subscription.stop();
    });

    test('a hand-over waits for the last batch and for onRevoked, and loses and repeats nothing', async () => {
      const name = await topic({ partitions: 2 });
      const events: string[] = [];
      const member = (who: string) => ({
        group: name,
        topics: [name],
        onAssigned: async (part: { partition: number }) => {
          events.push(`${who} starts ${part.partition}`);
          return undefined;
        },
        onRevoked: async (part: { partition: number }) => {
          await new Promise((resolve) => setTimeout(resolve, 100));
          events.push(`${who} ends ${part.partition}`);
        },
      });
      const first = await listen(log, member('first'));
      await log.append(name, [...toPartition(0, ...numbers(100)), ...toPartition(1, ...numbers(100))]);
      await until(first.values, (seen) => seen.length === 200);
      const second = await listen(await place.open(), member('second'));
      await until(
        () => second.subscription.assigned(),
        (parts) => parts.length === 1,
      );
      const moved = second.subscription.assigned()[0]?.partition;
      await until(
        () => events,
        () => events.includes(`second starts ${moved}`),
      );
      expect(events.indexOf(`first ends ${moved}`)).toBeGreaterThan(-1);
      expect(events.indexOf(`first ends ${moved}`)).toBeLessThan(events.indexOf(`second starts ${moved}`));
      await log.append(name, [...toPartition(0, 'x'), ...toPartition(1, 'y')]);
      await until(
        () => first.records.length + second.records.length,
        (count) => count === 202,
      );
      await first.subscription.stop();
      await second.subscription.stop();
      expect([...first.values(), ...second.values()].sort()).toEqual(
        [...numbers(100), ...numbers(100), 'x', 'y'].sort(),
      );
    });

    test('a group goes on where it committed, with the note of its commit', async () => {
      const name = await topic();
      const part = { topic: name, partition: 0 };
      await log.append(name, toPartition(0, ...numbers(5)));
      const first = await listen(log, {
        group: name,
        topics: [name],
        onBatch: async () => first.subscription.commit(part, { offset: 3, metadata: 'to=5' }),
      });
      await until(
        () => log.lag(name, name),
        (lag) => lag === 2,
      );
      await first.subscription.stop();
      const committed: unknown[] = [];
      const second = await listen(log, {
        group: name,
        topics: [name],
        onAssigned: async (_, found) => {
          committed.push(found);
          return undefined;
        },
      });
      await until(second.values, (seen) => seen.length === 2);
      expect(committed).toEqual([{ offset: 3, metadata: 'to=5' }]);
      expect(second.values()).toEqual(['v3', 'v4']);
      await second.subscription.stop();
      expect(await log.lag(name, name)).toBe(0);
    });

    test('starts where onAssigned says, whatever is committed', async () => {
      const name = await topic();
      await log.append(name, toPartition(0, ...numbers(5)));
      const member = await listen(log, { group: name, topics: [name], onAssigned: async () => 4 });
      await until(member.values, (seen) => seen.length === 1);
      expect(member.values()).toEqual(['v4']);
      await member.subscription.stop();
    });

    test('from latest reads what is appended after it joined, even over a restart before its first commit', async () => {
      const name = await topic();
      await log.append(name, toPartition(0, 'old'));
      const onBatch = async () => undefined;
      const first = await listen(log, { group: name, topics: [name], from: 'latest', onBatch });
      await until(
        () => first.calls,
        (calls) => calls.length === 1,
      );
      await until(
        () => log.lag(name, name),
        (lag) => lag === 0,
      );
      await first.subscription.stop();
      await log.append(name, toPartition(0, 'new'));
      const second = await listen(log, { group: name, topics: [name], from: 'latest', onBatch });
      await until(second.values, (seen) => seen.length === 1);
      expect(second.values()).toEqual(['new']);
      await second.subscription.stop();
    });

    test('a batch under way holds back its partition, and no other', async () => {
      const name = await topic({ partitions: 2 });
      const gate = Promise.withResolvers<void>();
      const member = await listen(log, {
        group: name,
        topics: [name],
        batchRecordsMax: 1,
        onBatch: (batch) => (batch.partition === 0 ? gate.promise : Promise.resolve()),
      });
      await log.append(name, [...toPartition(0, 'a', 'b'), ...toPartition(1, 'c', 'd', 'e')]);
      await until(member.values, (seen) => seen.length === 4);
      expect(member.values().toSorted()).toEqual(['a', 'c', 'd', 'e']);
      gate.resolve();
      await until(member.values, (seen) => seen.length === 5);
      await member.subscription.stop();
    });

    test('a paused partition gets nothing until it is resumed', async () => {
      const name = await topic({ partitions: 2 });
      const member = await listen(log, { group: name, topics: [name] });
      await until(
        () => member.calls,
        (calls) => calls.length === 2,
      );
      member.subscription.pause({ topic: name, partition: 0 });
      await log.append(name, toPartition(0, 'a'));
      await log.append(name, toPartition(1, 'b'));
      await until(member.values, (seen) => seen.length === 1);
      expect(member.values()).toEqual(['b']);
      member.subscription.resume({ topic: name, partition: 0 });
      await until(member.values, (seen) => seen.length === 2);
      await member.subscription.stop();
    });

    test('batches are no larger than asked for, and tell where the partition ends', async () => {
      const name = await topic();
      await log.append(name, toPartition(0, ...numbers(25)));
      const sizes: number[] = [];
      const ends = new Set<number>();
      const onBatch = async (batch: { records: readonly unknown[]; endOffset: number }) => {
        sizes.push(batch.records.length);
        ends.add(batch.endOffset);
      };
      const member = await listen(log, { group: name, topics: [name], batchRecordsMax: 10, onBatch });
      await until(member.values, (seen) => seen.length === 25);
      expect(Math.max(...sizes)).toBe(10);
      expect([...ends]).toEqual([25]);
      await member.subscription.stop();
    });

    test('a consumer that throws is stopped, told so, and its partitions go to others', async () => {
      const name = await topic();
      await log.append(name, toPartition(0, 'a'));
      const onBatch = () => Promise.reject(new Error('a bug'));
      const broken = await listen(log, { group: name, topics: [name], onBatch });
      await until(
        () => broken.errors,
        (errors) => errors.length === 1,
      );
      expect(broken.errors).toEqual([new Error('a bug')]);
      const heir = await listen(log, { group: name, topics: [name] });
      await until(heir.values, (seen) => seen.length === 1);
      await broken.subscription.stop();
      await heir.subscription.stop();
    });

    test('refuses the commit of a partition that is not ours', async () => {
      const name = await topic();
      const member = await listen(log, { group: name, topics: [name] });
      await member.subscription.stop();
      const late = member.subscription.commit({ topic: name, partition: 0 }, { offset: 1, metadata: '' });
      await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
    });
  });

  describe('upkeep', () => {
    test('deletes the oldest records of a partition that is over its size', async () => {
      const name = await topic({ retentionBytes: 2 * 2 ** 20 });
      const value = 'x'.repeat(1_000_000);
      for (let i = 0; i < 24; i++) await log.append(name, [{ key: null, value: `${i}${value}` }]);
      const [part] = await until(
        () => log.offsets(name),
        ([seen]) => (seen?.first ?? 0) > 0,
      );
      const [record] = await log.read({ topic: name, partition: 0 }, 0, 1);
      expect(record?.offset).toBeGreaterThanOrEqual(part?.first ?? 0);
      expect(part?.next).toBe(24);
    });

    test('deletes records that are over their age', async () => {
      const name = await topic({ retentionMs: 500 });
      await log.append(name, toPartition(0, 'old'));
      const kept = () => log.read({ topic: name, partition: 0 }, 0, 10);
      await until(
        async () => {
          await log.append(name, toPartition(0, 'newer'));
          return text(await kept());
        },
        (seen) => !seen.includes('old'),
      );
    });

    test('compaction keeps the newest record of each key, and tells of deletions by an empty value', async () => {
      const name = await topic({ isCompacted: true });
      const filler = 'x'.repeat(300_000);
      for (let i = 0; i < 30; i++)
        await log.append(name, [
          { key: 'a', value: `a${i}${filler}` },
          { key: 'b', value: `b${i}${filler}` },
        ]);
      await log.append(name, [
        { key: 'b', value: null },
        { key: 'a', value: 'last' },
      ]);
      const read = async () =>
        (await log.read({ topic: name, partition: 0 }, 0, 100)).map(({ key, value }) => `${key}=${value}`);
      expect((await read()).slice(-2)).toEqual(['b=', 'a=last']);
      await until(read, (seen) => seen.length < 30);
      expect((await read()).slice(-2)).toEqual(['b=', 'a=last']);
    });
  });
});
