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
import { startScorerLoop } from '../../../../services/scorer/loop.ts';
import { storeEvent } from '../../../support/store-events.ts';
import { waitUntil } from '../../../support/wait-until.ts';

const partition = 0;
const hourMs = 3_600_000;
const start = Date.parse('2026-11-20T00:00:00Z');
let path: string;
let log: EventLog;
let seen: number[];
let failures: unknown[];

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'amiss-scorer-loop-'));
  log = await openEmbeddedLog({ path, clock: systemClock });
  await log.ensureTopics(topicSpecs({ partitions: 1, retentionMs: 0, retentionBytes: 0 }));
  seen = [];
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
    observe: ({ time }: { readonly time: number }) => void seen.push(time),
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
