import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { openEmbeddedLog } from '../../shared/log/embedded.ts';
import type { EventLog } from '../../shared/log/log.ts';
import type { MemberMessage, MemberTask } from '../support/log-member.ts';
import { embeddedPlace, listen, readAll, toPartition, topicSpec, until } from '../support/logs.ts';

// What the embedded log promises beyond the seam: one folder for many threads and processes, a named limit,
// records kept for those who have still to read them, and nothing lost to a kill at any moment.
const script = new URL('../support/log-member.ts', import.meta.url);
const dayMs = 24 * 60 * 60 * 1000;

let place: Awaited<ReturnType<typeof embeddedPlace>>;
let log: EventLog;
beforeEach(async () => {
  place = await embeddedPlace();
  log = await place.open();
});
afterEach(async () => {
  await log.close();
  await place.dispose();
});

function startThread(task: MemberTask) {
  const worker = new Worker(script, { workerData: task });
  const messages: MemberMessage[] = [];
  worker.on('message', (message: MemberMessage) => messages.push(message));
  return { worker, messages };
}

function startProcess(task: MemberTask): { child: ChildProcess; messages: MemberMessage[] } {
  const child = fork(script, [JSON.stringify(task)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const messages: MemberMessage[] = [];
  child.on('message', (message: MemberMessage) => messages.push(message));
  return { child, messages };
}

/** The machine's clock, and a way to let days pass. */
function agingClock(): Clock & { offsetMs: number } {
  const clock = { ...systemClock, offsetMs: 0, now: () => Date.now() + clock.offsetMs };
  return clock;
}

const valuesOf = (messages: readonly MemberMessage[]) =>
  messages.flatMap((message) => (message.kind === 'read' ? message.values : []));

describe('threads and processes', () => {
  test('a thread reads what another appends, woken by it and not by a poll', async () => {
    const spec = topicSpec();
    await log.ensureTopics([spec]);
    const { worker, messages } = startThread({ kind: 'read', path: place.path, topic: spec.name });
    await until(
      () => messages,
      (seen) => seen.length === 1,
    );
    const delaysMs: number[] = [];
    for (let i = 0; i < 15; i++) {
      const arrived = once(worker, 'message');
      const startedAt = performance.now();
      await log.append(spec.name, toPartition(0, `v${i}`));
      await arrived;
      delaysMs.push(performance.now() - startedAt);
    }
    expect(valuesOf(messages)).toHaveLength(15);
    // The poll alone would take 125 ms in the middle; the busiest machine wakes sooner.
    expect(delaysMs.toSorted((a, b) => a - b)[7]).toBeLessThan(60);
    await worker.terminate();
  });

  test('the partitions of a thread that ends without a word go to another after its lease', async () => {
    const spec = topicSpec({ partitions: 2 });
    await log.ensureTopics([spec]);
    const { worker, messages } = startThread({ kind: 'read', path: place.path, topic: spec.name });
    await until(
      () => messages,
      (seen) => seen.length === 2,
    );
    const heir = await listen(log, { group: 'members', topics: [spec.name] });
    await until(
      () => heir.subscription.assigned(),
      (parts) => parts.length === 1,
    );
    await worker.terminate();
    await until(
      () => heir.subscription.assigned(),
      (parts) => parts.length === 2,
    );
    await log.append(spec.name, [...toPartition(0, 'a'), ...toPartition(1, 'b')]);
    await until(heir.values, (seen) => seen.length === 2);
  });

  test('the partitions of a killed process go to another at once, and no record is lost', async () => {
    const spec = topicSpec();
    await log.ensureTopics([spec]);
    const { child, messages } = startProcess({ kind: 'read', path: place.path, topic: spec.name });
    await log.append(spec.name, toPartition(0, 'a'));
    await until(
      () => valuesOf(messages),
      (seen) => seen.length === 1,
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    await log.append(spec.name, toPartition(0, 'b'));
    const heir = await listen(log, { group: 'members', topics: [spec.name] });
    await until(heir.values, (seen) => seen.includes('b'));
    expect([...valuesOf(messages), ...heir.values()]).toContain('a');
  });

  test('a writer that is killed at any moment loses nothing that it acknowledged, and repeats nothing', async () => {
    const spec = topicSpec();
    await log.ensureTopics([spec]);
    let acknowledged = -1;
    for (const killAfter of [1, 5, 12, 3, 20]) {
      const { child, messages } = startProcess({ kind: 'write', path: place.path, topic: spec.name });
      await until(
        () => messages,
        (seen) => seen.length >= killAfter,
      );
      child.kill('SIGKILL');
      await once(child, 'exit');
      for (const message of messages)
        if (message.kind === 'written') acknowledged = Math.max(acknowledged, message.upTo);
      await expect(log.append(spec.name, [])).resolves.toBeUndefined();
    }
    await until(
      () => log.offsets(spec.name),
      ([part]) => (part?.next ?? 0) > acknowledged,
    );
    const values = (await readAll(log, { topic: spec.name, partition: 0 })).map(({ value }) => Number(value));
    expect(values.length).toBeGreaterThan(acknowledged);
    expect(values).toEqual(values.map((_, i) => i));
  });

  test('two groups with different topics may not share a name', async () => {
    const [left, right] = [topicSpec(), topicSpec()];
    await log.ensureTopics([left, right]);
    await listen(log, { group: 'one', topics: [left.name] });
    const other = listen(log, { group: 'one', topics: [right.name] });
    await expect(other).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('limits', () => {
  test('a full log refuses appends by its limit and takes them again when retention has made room', async () => {
    const small = await embeddedPlace();
    const clock = agingClock();
    const full = await openEmbeddedLog({ path: small.path, clock, bytesMax: 2 ** 20, maintainEveryMs: 20 });
    const spec = topicSpec({ retentionMs: 1000 });
    await full.ensureTopics([spec]);
    const value = Buffer.alloc(100_000);
    const fill = async () => {
      for (let i = 0; i < 11; i++) await full.append(spec.name, [{ key: null, value }]);
    };
    await expect(fill()).rejects.toMatchObject({
      code: 'LOG_FULL',
      message: expect.stringContaining('bytes_max'),
    });
    expect(await full.offsets(spec.name)).toEqual([{ partition: 0, first: 0, next: 10 }]);
    clock.offsetMs = 5_000;
    await until(
      () =>
        full.append(spec.name, [{ key: null, value }]).then(
          () => true,
          () => false,
        ),
      Boolean,
    );
    await full.close();
    await small.dispose();
  });

  test('a disk that is nearly full refuses appends, unless retention has made room in the file', async () => {
    const own = await embeddedPlace();
    const clock = agingClock();
    const open = (diskFreeBytesMin: number) =>
      openEmbeddedLog({ path: own.path, clock, diskFreeBytesMin, maintainEveryMs: 20 });
    const spec = topicSpec({ retentionMs: 1000 });
    const value = Buffer.alloc(500_000);
    const roomy = await open(0);
    await roomy.ensureTopics([spec]);
    for (let i = 0; i < 10; i++) await roomy.append(spec.name, [{ key: null, value }]);
    await roomy.close();
    const full = await open(Number.MAX_SAFE_INTEGER);
    const append = () => full.append(spec.name, [{ key: null, value }]);
    await expect(append()).rejects.toMatchObject({
      code: 'LOG_FULL',
      message: expect.stringContaining(own.path),
    });
    clock.offsetMs = 5_000;
    await until(
      () =>
        append().then(
          () => true,
          () => false,
        ),
      Boolean,
    );
    await full.close();
    await own.dispose();
  });

  test('retention waits for a group that has still to read, but not for one that was abandoned', async () => {
    const own = await embeddedPlace();
    const clock = agingClock();
    const aging = await openEmbeddedLog({ path: own.path, clock, maintainEveryMs: 20 });
    const spec = topicSpec({ retentionMs: 1000 });
    await aging.ensureTopics([spec]);
    for (const value of ['a', 'b', 'c']) await aging.append(spec.name, toPartition(0, value));
    const part = { topic: spec.name, partition: 0 };
    const lagging = await listen(aging, {
      group: 'lagging',
      topics: [spec.name],
      onBatch: () => lagging.subscription.commit(part, { offset: 2, metadata: '' }),
    });
    await until(
      () => aging.lag('lagging', spec.name),
      (lag) => lag === 1,
    );
    await lagging.subscription.stop();
    clock.offsetMs = dayMs;
    await until(
      () => aging.offsets(spec.name),
      ([seen]) => seen?.first === 2,
    );
    expect((await aging.read(part, 0, 10)).map(({ value }) => String(value))).toEqual(['c']);
    clock.offsetMs = 8 * dayMs;
    await until(
      () => aging.offsets(spec.name),
      ([seen]) => seen?.first === 3,
    );
    await aging.close();
    await own.dispose();
  });

  test('a compacted topic refuses a record without a key', async () => {
    const spec = topicSpec({ isCompacted: true });
    await log.ensureTopics([spec]);
    const keyless = log.append(spec.name, [{ key: null, value: 'v' }]);
    await expect(keyless).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  test('a topic that nobody has created is named in the refusal', async () => {
    await expect(log.append('nowhere', toPartition(0, 'v'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
