import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningApi, startTestApi } from '../../../../support/api.ts';
import { ndjson } from '../../../../support/store-events.ts';

let api: RunningApi;
const now = Date.now();
const minute = now - (now % 60_000);
const row = {
  minute: minute - 60_000,
  space: 'default',
  source: 'edge-1',
  format: 'native',
  collector: 'one',
  revision: 1,
  last_seen: minute - 10_000,
  accepted: 0,
  rejected: 0,
  bytes: 0,
  busy: 0,
  refused: 0,
};
const rows = [
  // Two revisions of one minute, another collector, and an hour ago when the clock was wrong.
  { ...row, shipper: 'edge-1', accepted: 100, bytes: 50, delay_least_ms: 90, delay_median_ms: 150 },
  {
    ...row,
    shipper: 'edge-1',
    revision: 2,
    accepted: 300,
    rejected: 10,
    bytes: 99,
    busy: 2,
    delay_least_ms: 80,
    delay_median_ms: 200,
  },
  {
    ...row,
    shipper: 'edge-1',
    collector: 'two',
    accepted: 290,
    bytes: 1,
    last_seen: minute - 5_000,
    delay_least_ms: 70,
    delay_median_ms: 200,
  },
  {
    ...row,
    shipper: 'edge-1',
    minute: minute - 1_800_000,
    accepted: 7,
    bytes: 1,
    last_seen: minute - 1_800_000,
    delay_least_ms: -9_000,
    delay_median_ms: -8_000,
  },
  { ...row, source: '127.0.0.1', format: 'syslog', last_seen: minute - 30_000, refused: 4 },
  {
    ...row,
    source: 'gone',
    minute: minute - 7_200_000,
    last_seen: minute - 7_200_000,
    accepted: 1,
    delay_least_ms: 5,
    delay_median_ms: 5,
  },
  { ...row, source: 'elsewhere', space: 'other', accepted: 1 },
];
const edge = {
  source: 'edge-1',
  format: 'native',
  shipper: 'edge-1',
  last_seen: minute - 5_000,
  rate: 2,
  accepted: 597,
  rejected: 10,
  bytes: 101,
  busy: 2,
  refused: 0,
  skew_ms: 70,
  lag_ms: 200,
};
const stranger = {
  ...edge,
  source: '127.0.0.1',
  format: 'syslog',
  shipper: null,
  last_seen: minute - 30_000,
  rate: 0,
  accepted: 0,
  rejected: 0,
  bytes: 0,
  busy: 0,
  refused: 4,
  skew_ms: null,
  lag_ms: null,
};

beforeAll(async () => {
  api = await startTestApi();
  await api.store.insert({ table: 'sources_minute', rows: ndjson(rows), token: 'sources' });
});
afterAll(async () => {
  await api.stop();
  expect(api.failures).toEqual([]);
});

test('sources of the last hour: sums of the collectors, the newest clock, nobody twice', async () => {
  const { body } = await api.get('/sources');
  expect(body).toEqual({ items: [stranger, edge], next: null });
});

test('a source that went silent is shown when one looks further back', async () => {
  const { body } = await api.get(`/sources?since=${now - 10_800_000}`);
  const items = (body as { items: { source: string; rate: number; lag_ms: number | null }[] }).items;
  expect(items.map(({ source, rate, lag_ms }) => [source, rate, lag_ms])).toEqual([
    ['127.0.0.1', 0, null],
    ['edge-1', 2, 200],
    ['gone', 0, 5],
  ]);
});

test('pages follow one another', async () => {
  const first = (await api.get('/sources?limit=1')).body as { items: unknown[]; next: string };
  expect(first.items).toEqual([stranger]);
  expect((await api.get(`/sources?limit=1&cursor=${first.next}`)).body).toEqual({
    items: [edge],
    next: null,
  });
});
