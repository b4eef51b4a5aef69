import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventLog } from '../../shared/log/log.ts';
import { partitionOf } from '../../shared/log/partition.ts';
import { logPlaces } from '../support/log-places.ts';
import { keyed, type LogPlace, readAll, toPartition, topicSpec, until } from '../support/logs.ts';

// The promise of shared/log/log.ts, kept by every implementation of it.
const places = await logPlaces();
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
        (await readAll(log, { topic: name, partition: 0 })).map(({ key, value }) => `${key}=${value}`);
      expect((await read()).slice(-2)).toEqual(['b=', 'a=last']);
      await until(read, (seen) => seen.length < 30);
      expect((await read()).slice(-2)).toEqual(['b=', 'a=last']);
    });
  });
});
