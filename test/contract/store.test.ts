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
import { type Front, startFront } from '../support/clickhouse-front.ts';
import { ndjson, storeEvent } from '../support/store-events.ts';

type StoreSettings = Static<typeof storeSettings>;

const defaults = Create(storeSettings) as StoreSettings;

interface Subject {
  readonly name: string;
  start(folder: string): Promise<{ settings: StoreSettings; stop: () => Promise<void> }>;
}

const subjects: readonly Subject[] = [
  {
    name: 'chdb',
    start: async () => ({ settings: { ...defaults, kind: 'chdb' }, stop: async () => {} }),
  },
  {
    name: 'clickhouse',
    start: async (folder) => {
      const front: Front = await startFront(join(folder, 'server'));
      const { url, username, password } = front;
      return { settings: { ...defaults, kind: 'clickhouse', url, username, password }, stop: front.stop };
    },
  },
];

interface Totals {
  readonly events: number;
  readonly agents: number;
}

const totals = `SELECT
  (SELECT count() FROM events) AS events,
  (SELECT sum(events) FROM edges_minute) AS edges_minute,
  (SELECT sum(events) FROM agents_minute) AS agents_minute,
  (SELECT sum(events) FROM edges) AS edges,
  (SELECT sum(events_as_source) FROM agents) AS agents`;

describe.each(subjects)('the store on $name', ({ start }) => {
  const folder = mkdtempSync(join(tmpdir(), 'amiss-store-'));
  let settings: StoreSettings;
  let stop: () => Promise<void>;
  let store: Store;
  const open = (more: Partial<StoreSettings> = {}) =>
    openStore({ ...settings, ...more }, folder, systemClock, silentLogger);

  beforeAll(async () => {
    ({ settings, stop } = await start(folder));
    store = await open();
  });
  afterAll(async () => {
    await store.close();
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('answers when asked', async () => {
    await store.ping();
  });

  test('keeps an event of every field as it was, and what is absent as null', async () => {
    const full = storeEvent(1, {
      space: 'fields',
      time: 899_193_840_000, // before 2001, when milliseconds have twelve digits
      source_kind: 'llm_agent',
      destination_port: 443,
      resources: ['to:bob', "it's"],
      outcome: 'denied',
      bytes_out: Number.MAX_SAFE_INTEGER,
      duration_ms: 0.25,
      mfa: false,
      attributes: { 'k"ey': 'välue\n✓' },
    });
    const bare = storeEvent(2, { space: 'fields' });
    await store.insert({ table: 'events', rows: ndjson([full, bare]), token: 'fields' });
    const rows = await store.query({
      sql: "SELECT * FROM events WHERE space = 'fields' ORDER BY time",
    });
    expect(rows[0]).toMatchObject(full);
    expect(rows[1]).toMatchObject({ ...bare, outcome: null, bytes_out: null, mfa: null, resources: [] });
  });

  test('binds parameters of every type, whatever stands in them', async () => {
    const parameters = {
      text: "'; DROP TABLE events; --\t\\ \u00e9",
      number: 9_007_199_254_740_991,
      flag: true,
      nothing: null,
      texts: ["it's", 'a\\b', ''],
      numbers: [1, 2.5],
    };
    const [row] = await store.query({
      sql: `SELECT {text:String} AS text, {number:Int64} AS number, {flag:Bool} AS flag,
        {nothing:Nullable(String)} AS nothing, {texts:Array(String)} AS texts, {numbers:Array(Float64)} AS numbers`,
      parameters,
    });
    expect(row).toEqual(parameters);
  });

  test('a repeated batch leaves no second row, in no roll-up either, even after a restart', async () => {
    const rows = ndjson(Array.from({ length: 500 }, (_, n) => storeEvent(1000 + n, { space: 'repeat' })));
    await store.insert({ table: 'events', rows, token: 'events/0/0-500' });
    const [once] = await store.query<Totals>(totalsQuery());
    await store.insert({ table: 'events', rows, token: 'events/0/0-500' });
    const [twice] = await store.query(totalsQuery());
    await store.close();
    store = await open();
    await store.insert({ table: 'events', rows, token: 'events/0/0-500' });
    const [reopened] = await store.query(totalsQuery());
    expect(once?.events).toBeGreaterThanOrEqual(500);
    expect(once?.agents).toBe(once?.events);
    expect(twice).toEqual(once);
    expect(reopened).toEqual(once);
  });

  test('the same rows under another token are other rows', async () => {
    const rows = ndjson([storeEvent(1, { space: 'tokens' })]);
    await store.insert({ table: 'events', rows, token: 'events/1/0-1' });
    await store.insert({ table: 'events', rows, token: 'events/1/1-2' });
    const found = await store.query({
      sql: "SELECT sum(events) AS events FROM edges WHERE space = 'tokens'",
    });
    expect(found).toEqual([{ events: 2 }]);
  });

  test('roll-ups count errors, denials, bytes, durations and distinct peers for each minute', async () => {
    const minute = 1_700_000_040_000; // a full minute
    const base = { space: 'rollup', time: minute + 1 } as const;
    const rows = [
      storeEvent(1, { ...base, outcome: 'error', bytes_out: 10, duration_ms: 2 }),
      storeEvent(2, { ...base, outcome: 'timeout', destination: 'ledger', bytes_in: 5 }),
      storeEvent(3, { ...base, time: minute + 60_000, outcome: 'denied' }),
    ];
    await store.insert({ table: 'events', rows: ndjson(rows), token: 'rollup' });
    const found = await store.query({
      sql: `SELECT minute, sum(events) AS events, sum(errors) AS errors, sum(denied) AS denied,
          sum(bytes_out) AS bytes_out, sum(bytes_in) AS bytes_in, sum(duration_ms) AS duration_ms,
          sum(timed) AS timed, uniqMerge(peers) AS peers
        FROM agents_minute WHERE space = 'rollup' AND agent = 'checkout' GROUP BY minute ORDER BY minute`,
    });
    expect(found).toEqual([
      {
        minute,
        events: 2,
        errors: 2,
        denied: 0,
        bytes_out: 10,
        bytes_in: 5,
        duration_ms: 2,
        timed: 1,
        peers: 2,
      },
      {
        minute: minute + 60_000,
        events: 1,
        errors: 0,
        denied: 1,
        bytes_out: 0,
        bytes_in: 0,
        duration_ms: 0,
        timed: 0,
        peers: 1,
      },
    ]);
  });

  test('of an alert it keeps each revision once and shows the newest', async () => {
    const revision = (number: number, title: string) => ({
      id: 'a1',
      revision: number,
      space: 'alerts',
      time: 1,
      updated_at: number,
      agent: 'checkout',
      peers: ['payments'],
      cause: 'c',
      title,
      sentence: 's',
      severity: 70,
      score: 6,
      p: 1e-6,
      detectors: ['volume'],
      evidence: [{ detector: 'volume', p: 1e-6 }],
      first_seen: null,
      signals: 1,
      events: [],
      techniques: [{ framework: 'ATT&CK', id: 'T1071', name: 'x' }],
      status: 'new',
    });
    const insert = (token: string, rows: readonly unknown[]) =>
      store.insert({ table: 'alert_history', rows: ndjson(rows), token });
    await insert('alerts/0/0-2', [revision(1, 'first'), revision(2, 'second')]);
    await insert('alerts/0/1-2', [revision(2, 'second')]); // the same record in another batch
    const history = await store.query({
      sql: "SELECT revision FROM alert_history FINAL WHERE space = 'alerts' ORDER BY revision",
    });
    const current = await store.query({
      sql: "SELECT title, evidence, techniques FROM alerts FINAL WHERE space = 'alerts'",
    });
    expect(history).toEqual([{ revision: 1 }, { revision: 2 }]);
    expect(current).toEqual([
      {
        title: 'second',
        evidence: '[{"detector":"volume","p":0.000001}]',
        techniques: '[{"framework":"ATT&CK","id":"T1071","name":"x"}]',
      },
    ]);
  });

  test('a row that does not fit is refused as STORE_ROW, and nothing of its batch is kept', async () => {
    const rows = ndjson([
      storeEvent(1, { space: 'poison' }),
      { ...storeEvent(2, { space: 'poison' }), id: 'no' },
    ]);
    await expect(store.insert({ table: 'events', rows, token: 'poison' })).rejects.toMatchObject({
      code: 'STORE_ROW',
    });
    const kept = await store.query({ sql: "SELECT count() AS n FROM events WHERE space = 'poison'" });
    expect(kept).toEqual([{ n: 0 }]);
  });

  test('a wrong question is refused as STORE_QUERY', async () => {
    await expect(store.query({ sql: 'SELECT nonsense FROM nowhere' })).rejects.toMatchObject({
      code: 'STORE_QUERY',
    });
  });

  test('more rows than asked for are an error, not a cut answer', async () => {
    const sql = 'SELECT number FROM numbers(11)';
    await expect(store.query({ sql, rowsMax: 10 })).rejects.toMatchObject({ code: 'STORE_QUERY' });
    await expect(store.query({ sql, rowsMax: 11 })).resolves.toHaveLength(11);
  });

  test('streams a long answer row by row', async () => {
    let sum = 0;
    for await (const row of store.stream<{ number: number }>({ sql: 'SELECT number FROM numbers(100000)' })) {
      sum += row.number;
    }
    expect(sum).toBe(4_999_950_000);
  });

  test('a query can be given up', async () => {
    const query = store.query({ sql: 'SELECT sleep(2)', signal: AbortSignal.timeout(50) });
    await expect(query).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('a question that takes too long is given up by the engine itself', async () => {
    await store.close();
    store = await open({ query_ms_max: 3_000 });
    const endless = store.query({ sql: 'SELECT sum(sipHash64(number)) FROM numbers(100000000000)' });
    await expect(endless).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await store.ping(); // nothing of it is left to wait for
  });

  test('changed retention settings change the tables at the next start', async () => {
    await store.close();
    store = await open({ events_days: 7, rollups_days: 41 });
    const ttl = await store.query<{ name: string }>({
      sql: `SELECT name FROM system.tables WHERE database = currentDatabase() AND (
          (name = 'events' AND create_table_query LIKE '%toIntervalDay(7)%')
          OR (name IN ('edges_minute', 'agents_minute') AND create_table_query LIKE '%toIntervalDay(41)%'))
        ORDER BY name`,
    });
    expect(ttl.map((row) => row.name)).toEqual(['agents_minute', 'edges_minute', 'events']);
  });

  test('a schema that was altered, or is newer than ours, is refused with the culprit and the remedy', async () => {
    const forge = (version: number, name: string) =>
      store.insert({
        table: 'schema_versions',
        rows: ndjson([{ version, name, checksum: 'forged' }]),
        token: `forged/${name}`,
      });
    await forge(9999, '9999-future.sql');
    await store.close();
    await expect(open()).rejects.toThrow(/9999-future\.sql.*newer/s);
    store = await open({ database: 'other' });
    await forge(1, '0001-events.sql');
    await store.close();
    await expect(open({ database: 'other' })).rejects.toThrow(/0001-events\.sql.*new file/s);
    store = await open({ database: 'third' });
  });

  function totalsQuery() {
    return { sql: totals };
  }
});
