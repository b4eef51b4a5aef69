import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { openEmbeddedLog } from '#shared/log/embedded.ts';
import type { EventLog } from '#shared/log/log.ts';
import { topicSpecs } from '#shared/log/topics.ts';
import { silentLogger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import { startScorerLoop } from '../../../../../services/scorer/live/loop.ts';
import { storeEvent } from '../../../../support/store-events.ts';
import { waitUntil } from '../../../../support/wait-until.ts';

const partition = 0;
const hourMs = 3_600_000;
const start = Date.parse('2026-11-20T00:00:00Z');
let path: string;
let log: EventLog;
let seen: number[];
let seenOf: Map<string, number[]>;
let failures: unknown[];

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'amiss-scorer-loop-'));
  log = await openEmbeddedLog({ path, clock: systemClock });
  await log.ensureTopics(topicSpecs({ partitions: 1, retentionMs: 0, retentionBytes: 0 }));
  seen = [];
  seenOf = new Map();
  failures = [];
});
afterEach(async () => {
  await log.close();
  rmSync(path, { recursive: true, force: true });
});

/** The loop with an engine that only notes the time of what it is shown. */
const startLoop = () => {
  const fail = (error: unknown) => failures.push(error);
  const context = { log, clock: systemClock, logger: silentLogger, metrics: createMetrics(), fail };
  const createEngine = () => ({
    observe: ({ time, space }: { readonly time: number; readonly space: string }) => {
      seen.push(time);
      seenOf.set(space, [...(seenOf.get(space) ?? []), time]);
    },
    save: () => Buffer.alloc(0),
    restore: () => undefined,
  });
  return startScorerLoop(context, { createEngine, snapshotEveryMs: 60_000 });
};
const eventAt = (n: number, time: number) => storeEvent(n, { time: start + time });

test('catching up, it takes events and arrivals in the order of their times', async () => {
  const hours = Array.from({ length: 72 }, (_, hour) => hour * hourMs);
  await log.append(
    'events',
    hours.map((time, n) => ({ key: null, partition, value: JSON.stringify(eventAt(n, time)) })),
  );
  const arrivals = hours.map((time, n) => eventAt(1_000 + n, time + 1));
  await log.append('arrivals', [{ key: null, partition, value: JSON.stringify(arrivals) }]);
  const stop = await startLoop();
  await waitUntil('all to be scored', () => seen.length === 2 * hours.length);
  await stop();
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

test('a recording replayed beside live traffic comes in the order of its times, and so does the traffic', async () => {
  const spanMs = 60_000;
  const recordedAt = (i: number, n: number) =>
    storeEvent(n, { space: 'recorded', time: start + i * hourMs + (n % 2), received_at: now + i * spanMs });
  const liveAt = (i: number, n: number) =>
    storeEvent(n, { space: 'live', time: now + i * spanMs + (n % 2), received_at: now + i * spanMs });
  const now = start + 1_000 * hourMs;
  const minutes = Array.from({ length: 50 }, (_, i) => i);
  // In one topic live traffic comes at every minute, in the other only now and then: there the recording is alone.
  const events = minutes.flatMap((i) => [liveAt(i, 4 * i), recordedAt(i, 4 * i + 2)]);
  const arrivals = minutes.flatMap((i) => [
    recordedAt(i, 4 * i + 1),
    ...(i % 9 === 8 ? [liveAt(i, 4 * i + 3)] : []),
  ]);
  await log.append(
    'events',
    events.map((event) => ({ key: null, partition, value: JSON.stringify(event) })),
  );
  await log.append(
    'arrivals',
    arrivals.map((event) => ({ key: null, partition, value: JSON.stringify([event]) })),
  );
  const stop = await startLoop();
  await waitUntil('all to be scored', () => seen.length === events.length + arrivals.length);
  await stop();
  for (const times of seenOf.values()) expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('a record that holds no event goes to rejects, and stops nothing', async () => {
  const values = ['{', 'null', '{"id":"no more than that"}', JSON.stringify(eventAt(1, 0))];
  await log.append(
    'events',
    values.map((value) => ({ key: null, partition, value })),
  );
  await log.append('arrivals', [{ key: null, partition, value: '{"no":"list"}' }]);
  const stop = await startLoop();
  await waitUntil('the event to be scored', () => seen.length === 1);
  await waitUntil('the rejects', async () => (await log.offsets('rejects'))[0]?.next === 4);
  await stop();
  expect(failures).toEqual([]);
});
