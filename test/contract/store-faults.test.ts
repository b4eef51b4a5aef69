import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Static } from 'typebox';
import { Create } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { silentLogger } from '#shared/logger.ts';
import { openStore } from '#shared/store/open.ts';
import { storeSettings } from '#shared/store/settings.ts';
import type { Store } from '#shared/store/store.ts';
import { makeCertificate } from '../support/certificate.ts';
import { type Front, startFront } from '../support/clickhouse-front.ts';
import { ndjson, storeEvent } from '../support/store-events.ts';

type StoreSettings = Static<typeof storeSettings>;

const folder = mkdtempSync(join(tmpdir(), 'amiss-store-faults-'));
const server = join(folder, 'server');
const defaults = Create(storeSettings) as StoreSettings;
const settingsFor = ({ url, username, password }: Front): StoreSettings => ({
  ...defaults,
  kind: 'clickhouse',
  url,
  username,
  password,
  query_ms_max: 2_000,
});
const open = (settings: StoreSettings) => openStore(settings, folder, systemClock, silentLogger);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a ClickHouse that misbehaves', () => {
  let front: Front;
  let store: Store;

  beforeAll(async () => {
    front = await startFront(server);
    store = await open(settingsFor(front));
  });
  afterAll(async () => {
    await store.close();
    await front.stop();
  });

  const count = async (space: string) => {
    const sql = `SELECT (SELECT count() FROM events WHERE space = {space:String}) AS events,
      (SELECT sum(events) FROM edges WHERE space = {space:String}) AS edges,
      (SELECT sum(events_as_source) FROM agents WHERE space = {space:String}) AS agents`;
    return (await store.query({ sql, parameters: { space } }))[0];
  };

  test('a wrong password is a store that cannot be used, and says so', async () => {
    const stranger = await open({ ...settingsFor(front), password: 'wrong' });
    await expect(stranger.ping()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('Authentication failed'),
    });
    await stranger.close();
  });

  test('an answer that takes too long is given up', async () => {
    await front.setFaults({ slowMs: 4_000 });
    await expect(store.query({ sql: 'SELECT 1' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await front.setFaults({});
  });

  test('a connection that is cut before the work is reported, and the repeat succeeds', async () => {
    await front.setFaults({ dropBefore: 1 });
    const insert = { table: 'events', rows: ndjson([storeEvent(1, { space: 'cut' })]), token: 'cut' };
    await expect(store.insert(insert)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await store.insert(insert);
    expect(await count('cut')).toEqual({ events: 1, edges: 1, agents: 1 });
  });

  test('a connection that is cut after the work leaves one row when the insert is repeated', async () => {
    await front.setFaults({ dropAfter: 1 });
    const insert = { table: 'events', rows: ndjson([storeEvent(1, { space: 'cut2' })]), token: 'cut2' };
    await expect(store.insert(insert)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await count('cut2')).toEqual({ events: 1, edges: 1, agents: 1 });
    await store.insert(insert);
    expect(await count('cut2')).toEqual({ events: 1, edges: 1, agents: 1 });
  });

  test.each([
    { code: 252, why: 'too many parts', as: 'STORE_UNAVAILABLE' },
    { code: 241, why: 'memory limit', as: 'STORE_UNAVAILABLE' },
    { code: 117, why: 'incorrect data', as: 'STORE_ROW' },
    { code: 60, why: 'unknown table', as: 'STORE_QUERY' },
  ])('code $code ($why) is $as', async ({ code, as }) => {
    await front.setFaults({ insertCode: code });
    const insert = { table: 'events', rows: ndjson([storeEvent(1)]), token: 'refused' };
    await expect(store.insert(insert)).rejects.toMatchObject({ code: as });
    await front.setFaults({});
  });

  test('a batch whose server is killed in the middle is whole and single after the repeat', async () => {
    const settings = settingsFor(front);
    for (const [round, delayMs] of [2, 20, 50, 90, 140].entries()) {
      const space = `killed-${round}`;
      const rows = Array.from({ length: 20_000 }, (_, n) => storeEvent(n, { space, source: `s${n % 50}` }));
      const insert = { table: 'events', rows: ndjson(rows), token: space };
      const interrupted = store.insert(insert).catch((error: unknown) => error);
      await systemClock.sleep(delayMs);
      await front.kill();
      await interrupted;
      front = await startFront(server, front.port);
      await store.insert(insert);
      expect(await count(space), `killed after ${delayMs} ms`).toEqual({
        events: 20_000,
        edges: 20_000,
        agents: 20_000,
      });
    }
    expect(settingsFor(front)).toEqual(settings);
  });
});

test('a store that starts after us gets its tables then', async () => {
  const first = await startFront(join(folder, 'late'));
  await first.stop();
  const store = await open(settingsFor(first));
  await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  const front = await startFront(join(folder, 'late'), first.port);
  await expect
    .poll(() => store.query({ sql: 'SELECT count() AS n FROM events' }).catch(() => 'not yet'), {
      timeout: 20_000,
      interval: 100,
    })
    .toEqual([{ n: 0 }]);
  await store.close();
  await front.stop();
});

test('over TLS a server is trusted by its certificate authority, and by nothing else', async () => {
  const files = makeCertificate(folder);
  const front = await startFront(join(folder, 'tls'), 0, files);
  const trusting = await open({ ...settingsFor(front), ca_file: files.certFile });
  await trusting.insert({ table: 'events', rows: ndjson([storeEvent(1)]), token: 'tls' });
  expect(await trusting.query({ sql: 'SELECT count() AS n FROM events' })).toEqual([{ n: 1 }]);
  const wary = await open(settingsFor(front));
  await expect(wary.ping()).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringContaining('certificate'),
  });
  await trusting.close();
  await wary.close();
  await front.stop();
});

test('a certificate authority that is no file is a fault of the configuration', async () => {
  const settings: StoreSettings = { ...defaults, kind: 'clickhouse', ca_file: '/no/such/file' };
  await expect(open(settings)).rejects.toThrow('/no/such/file');
});
