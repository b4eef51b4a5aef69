import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Create } from 'typebox/value';
import { expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { openEmbeddedLog } from '#shared/log/embedded.ts';
import { topicSpecs } from '#shared/log/topics.ts';
import { silentLogger } from '#shared/logger.ts';
import { openStore } from '#shared/store/open.ts';
import { storeSettings } from '#shared/store/settings.ts';
import { storeEvent } from '../support/store-events.ts';

const startMsMax = 60_000;
const child = new URL('../support/recorder-process.ts', import.meta.url).pathname;

async function startRecorderProcess(folder: string): Promise<ChildProcess> {
  const started = spawn(process.execPath, [child, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (started.stdout === null) throw new Error('the recorder has no output');
  await once(started.stdout, 'data', { signal: AbortSignal.timeout(startMsMax) });
  return started;
}

async function end(started: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(started, 'exit');
  started.kill(signal);
  const [code] = await exited;
  return code;
}

test('a recorder that is killed again and again under load writes every record once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'amiss-crash-'));
  const log = await openEmbeddedLog({ path: join(folder, 'log'), clock: systemClock, leaseMs: 1_000 });
  await log.ensureTopics(topicSpecs({ partitions: 2, retentionMs: 0, retentionBytes: 0 }));
  let appended = 0;
  const append = async (count: number) => {
    const events = Array.from({ length: count }, (_, n) =>
      storeEvent(appended + n, { source: `s${n % 97}` }),
    );
    await log.append(
      'events',
      events.map((event) => ({ key: event.source, value: JSON.stringify(event) })),
    );
    appended += count;
  };
  let interrupted = 0;
  for (const aliveMs of [0, 15, 40, 90, 150]) {
    await append(20_000);
    const lag = await log.lag('recorder', 'events');
    const recorder = await startRecorderProcess(folder);
    await expect
      .poll(() => log.lag('recorder', 'events'), { timeout: 60_000, interval: 5 })
      .toBeLessThan(lag); // it has begun
    await systemClock.sleep(aliveMs);
    await end(recorder, 'SIGKILL');
    if ((await log.lag('recorder', 'events')) > 0) interrupted += 1;
  }
  expect(interrupted).toBeGreaterThan(0); // or nothing was in the middle of anything
  const last = await startRecorderProcess(folder);
  await expect.poll(() => log.lag('recorder', 'events'), { timeout: 60_000, interval: 100 }).toBe(0);
  expect(await end(last, 'SIGTERM')).toBe(0);
  const store = await openStore(Create(storeSettings) as never, folder, systemClock, silentLogger);
  const counts = await store.query({
    sql: `SELECT (SELECT count() FROM events) AS events, (SELECT uniqExact(id) FROM events) AS ids,
      (SELECT sum(events) FROM edges_minute) AS edges_minute, (SELECT sum(events) FROM edges) AS edges,
      (SELECT sum(events_as_source) FROM agents) AS agents`,
  });
  await store.close();
  await log.close();
  rmSync(folder, { recursive: true, force: true });
  const all = appended;
  expect(counts).toEqual([{ events: all, ids: all, edges_minute: all, edges: all, agents: all }]);
});
