import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Create } from 'typebox/value';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import type { ServiceContext } from '#shared/context.ts';
import { AppError } from '#shared/errors.ts';
import { openEmbeddedLog } from '#shared/log/embedded.ts';
import type { EventLog } from '#shared/log/log.ts';
import { topicSpecs } from '#shared/log/topics.ts';
import { silentLogger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import { openStore } from '#shared/store/open.ts';
import { storeSettings } from '#shared/store/settings.ts';
import type { Store } from '#shared/store/store.ts';
import { recorderGroup, startRecorder } from '../../../../services/recorder/main.ts';
import { type RecorderSettings, recorderSettings } from '../../../../services/recorder/settings.ts';
import { storeEvent } from '../../../support/store-events.ts';

const folder = mkdtempSync(join(tmpdir(), 'amiss-recorder-'));
const settings: RecorderSettings = { ...(Create(recorderSettings) as RecorderSettings), linger_ms: 20 };
const failures: unknown[] = [];
let store: Store;
let log: EventLog;
let context: ServiceContext;
let round = 0;

beforeAll(async () => {
  store = await openStore(Create(storeSettings) as never, folder, systemClock, silentLogger);
});
beforeEach(async () => {
  round += 1;
  for (const table of ['events', 'alert_history', 'rejects'])
    await store.command({ sql: `TRUNCATE TABLE ${table}` });
  log = await openEmbeddedLog({ path: join(folder, `log-${round}`), clock: systemClock });
  await log.ensureTopics(topicSpecs({ partitions: 2, retentionMs: 0, retentionBytes: 0 }));
  const fail = (error: unknown) => void failures.push(error);
  context = { log, clock: systemClock, logger: silentLogger, metrics: createMetrics(), fail };
});
afterEach(async () => {
  await log.close();
  expect(failures.splice(0)).toEqual([]);
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const repeatable = (n: number) => `0190${n.toString(16).padStart(4, '0')}-0000-8000-8000-000000000000`;

// Each test has tokens of its own: the log begins at offset 0 again, and the store remembers.
const fresh = (of: Store = store): Store => {
  const prefix = `${round}/`;
  return { ...of, insert: (insert) => of.insert({ ...insert, token: prefix + insert.token }) };
};
const append = (topic: string, values: readonly object[], key = 'k') =>
  log.append(
    topic,
    values.map((value) => ({ key, value: JSON.stringify(value) })),
  );
const count = async (table: string, where = '1') => {
  const [row] = await store.query<{ n: number }>({
    sql: `SELECT count() AS n FROM ${table}${table === 'events' ? '' : ' FINAL'} WHERE ${where}`,
  });
  return row?.n;
};
const idle = () =>
  expect
    .poll(
      async () => {
        const topics = ['events', 'alerts', 'rejects'];
        return (await Promise.all(topics.map((topic) => log.lag(recorderGroup, topic)))).join();
      },
      { timeout: 15_000 },
    )
    .toBe('0,0,0');

test('every record of every topic becomes a row', async () => {
  const time = Date.now();
  const base = { id: 'x', time, space: 'topics' };
  const stop = await startRecorder(context, settings, fresh());
  await append(
    'events',
    Array.from({ length: 100 }, (_, n) => storeEvent(n)),
  );
  await append('rejects', [{ ...base, source: 's', format: 'native', reason: 'r', sample: '{' }]);
  await append('alerts', [{ ...base, revision: 1, agent: 'a', evidence: [], techniques: [] }]);
  await append('signals', [{ ...base, agent: 'a', cause: 'c', p: 0.1, score: 1, evidence: [], events: [] }]);
  await append('decisions', [{ ...base, key: 'k', kind: 'verdict', by: 'me', reason: '', body: { a: [1] } }]);
  await append('deliveries', [
    { ...base, attempt: 1, alert: 'x', revision: 1, target: 't', state: 'failed' },
  ]);
  await expect.poll(() => count('events'), { timeout: 15_000 }).toBe(100);
  for (const table of ['rejects', 'alerts', 'signals', 'decisions', 'deliveries']) {
    await expect.poll(() => count(table, "space = 'topics'"), { timeout: 15_000 }).toBe(1);
  }
  await stop();
});

test('an event that its shipper sent twice is one row, after a restart too', async () => {
  const sent = Array.from({ length: 10 }, (_, n) => storeEvent(n, { id: repeatable(n) }));
  const first = await startRecorder(context, settings, fresh());
  await append('events', [...sent, ...sent]);
  await idle();
  await first();
  const second = await startRecorder(context, settings, fresh());
  await append('events', [...sent, storeEvent(99, { id: repeatable(99) })]);
  await idle();
  await second();
  expect(await count('events')).toBe(11);
});

test('what was inserted but not committed before a crash is repeated exactly, and stays single', async () => {
  await append(
    'events',
    Array.from({ length: 1000 }, (_, n) => storeEvent(n)),
  );
  const inserted = Promise.withResolvers<void>();
  const own = fresh();
  const crashing: Store = {
    ...own,
    insert: async (insert) => {
      await own.insert(insert);
      if (insert.table === 'events') inserted.resolve();
      throw new AppError('STORE_UNAVAILABLE', 'the answer was lost');
    },
  };
  const first = await startRecorder(context, { ...settings, batch_rows_max: 300 }, crashing);
  await inserted.promise;
  await first();
  await append(
    'events',
    Array.from({ length: 1000 }, (_, n) => storeEvent(1000 + n)),
  );
  const second = await startRecorder(context, { ...settings, batch_rows_max: 170 }, own);
  await idle();
  await second();
  expect(await count('events')).toBe(2000);
});

test('while the store is away records wait in the log, little in memory, and arrive when it is back', async () => {
  const own = fresh();
  let isAway = true;
  const absent: Store = {
    ...own,
    insert: (insert) =>
      isAway ? Promise.reject(new AppError('STORE_UNAVAILABLE', 'away')) : own.insert(insert),
  };
  const stop = await startRecorder(context, { ...settings, batch_rows_max: 200, retry_ms_max: 50 }, absent);
  await append(
    'events',
    Array.from({ length: 5000 }, (_, n) => storeEvent(n)),
  );
  const received = async () =>
    (await context.metrics.received.get()).values.reduce((sum, { value }) => sum + value, 0);
  await expect.poll(received, { timeout: 15_000 }).toBeGreaterThanOrEqual(200);
  await systemClock.sleep(300);
  expect(await received()).toBeLessThanOrEqual(600); // one batch under way, one held, one already fetched
  expect(await log.lag(recorderGroup, 'events')).toBe(5000);
  isAway = false;
  await idle();
  await stop();
  expect(await count('events')).toBe(5000);
});

test('a stop does not wait for a store that is away', async () => {
  const absent: Store = {
    ...store,
    insert: () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'away')),
  };
  const stop = await startRecorder(context, settings, absent);
  await append('events', [storeEvent(1)]);
  await expect.poll(() => context.metrics.failures.get().then((counted) => counted.values.length)).toBe(1);
  const before = Date.now();
  await stop();
  expect(Date.now() - before).toBeLessThan(5_000);
  expect(await log.lag(recorderGroup, 'events')).toBe(1);
});

test('rows that the store refuses go to rejects, and all others are kept', async () => {
  const stop = await startRecorder(context, settings, fresh());
  const events = Array.from({ length: 50 }, (_, n) => storeEvent(n));
  const poison = { ...storeEvent(1, { space: 'tenant' }), id: 'not a uuid' };
  await append('events', [...events.slice(0, 20), poison, ...events.slice(20), { ...poison, time: 'noon' }]);
  await expect.poll(() => count('rejects'), { timeout: 15_000 }).toBe(2);
  await idle();
  await stop();
  expect(await count('events')).toBe(50);
  const rows = await store.query<{ id: string; space: string; reason: string }>({
    sql: 'SELECT id, space, reason, sample FROM rejects FINAL ORDER BY id',
  });
  expect(rows[0]).toMatchObject({ id: expect.stringMatching(/^events\/\d\/20$/), space: 'tenant' });
  expect(rows[0]?.reason).toContain('UUID');
});
