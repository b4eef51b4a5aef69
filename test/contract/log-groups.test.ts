import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventLog } from '../../shared/log/log.ts';
import { logPlaces } from '../support/log-places.ts';
import { type LogPlace, listen, toPartition, topicSpec, until } from '../support/logs.ts';

// The promise to consumers of shared/log/log.ts, kept by every implementation of it.
const places = await logPlaces();
const numbers = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);

describe.each(places)('groups of the log in $name', ({ place: create }) => {
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

  test('a member with nothing to read leaves the processor alone', async () => {
    const name = await topic({ partitions: 4 });
    const member = await listen(log, { group: name, topics: [name] });
    await until(
      () => member.calls,
      (calls) => calls.length === 4,
    );
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(0.5); // seconds of a second; a loop without a wait takes all of it
    await member.subscription.stop();
  });

  test('refuses the commit of a partition that is not ours', async () => {
    const name = await topic();
    const member = await listen(log, { group: name, topics: [name] });
    await member.subscription.stop();
    const late = member.subscription.commit({ topic: name, partition: 0 }, { offset: 1, metadata: '' });
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
