import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Alert } from '#shared/alert.ts';
import { testAlert } from '../../../../support/alerts.ts';
import { type RunningApi, readToken, startTestApi } from '../../../../support/api.ts';
import { openSse, type Sse } from '../../../../support/sse.ts';

let api: RunningApi;
const append = (...alerts: readonly Alert[]) =>
  api.log.append(
    'alerts',
    alerts.map((alert) => ({ key: alert.space, value: JSON.stringify(alert) })),
  );
const open = (query = '', headers: Record<string, string> = {}) =>
  openSse(`${api.url}/api/v1/alerts/stream${query}`, { authorization: `Bearer ${readToken}`, ...headers });
const isAlert = (event: Sse) => event.event === 'alert';
const idOf = (event: Sse) => JSON.parse(event.data ?? '{}').id;

beforeAll(async () => {
  api = await startTestApi({ heartbeat_ms: 100, streams_max: 3 });
});
afterAll(async () => {
  await api.stop();
  expect(api.failures).toEqual([]);
});

test('an alert reaches every client as it is appended, and only the new ones', async () => {
  await append(testAlert(0, { id: 'before' }));
  const clients = [await open(), await open()];
  for (const client of clients) await client.next((event) => event.id !== undefined);
  await append(testAlert(1, { id: 'live' }));
  for (const client of clients) {
    const event = await client.next(isAlert);
    expect(JSON.parse(event.data ?? '')).toEqual(testAlert(1, { id: 'live' }));
    client.close();
  }
});

test('after an interruption a client goes on where it was, with nothing left out or twice', async () => {
  const first = await open();
  await first.next((event) => event.id !== undefined);
  await append(testAlert(2, { id: 'r1' }));
  const { id } = await first.next(isAlert);
  first.close();
  await append(testAlert(3, { id: 'r2' }), testAlert(4, { id: 'r3' }));
  const second = await open('', { 'last-event-id': id ?? '' });
  await append(testAlert(5, { id: 'r4' }));
  const seen = [await second.next(isAlert), await second.next(isAlert), await second.next(isAlert)];
  expect(seen.map(idOf)).toEqual(['r2', 'r3', 'r4']);
  second.close();
});

test('a client gets only what it asked for', async () => {
  const client = await open('?space=other&severity_min=50&agent=web');
  await client.next((event) => event.id !== undefined);
  const wanted = { space: 'other', severity: 50, agent: 'web' };
  await append(
    testAlert(6, { ...wanted, id: 'x1', space: 'default' }),
    testAlert(6, { ...wanted, id: 'x2', severity: 49 }),
    testAlert(6, { ...wanted, id: 'x3', agent: 'db' }),
    testAlert(6, { ...wanted, id: 'x4' }),
  );
  expect(idOf(await client.next(isAlert))).toBe('x4');
  client.close();
});

test('a silent stream shows that it lives', async () => {
  const client = await open('?space=silent');
  expect(await client.next((event) => event.comment !== undefined)).toMatchObject({ comment: 'nothing new' });
  client.close();
});

test('a place that the stream never gave out is refused', async () => {
  for (const place of ['yesterday', '1.2.3.4', '-1']) {
    const client = await open('', { 'last-event-id': place });
    expect(client.status).toBe(400);
  }
});

test('no more clients than the limit are served, and a leaving one makes room', async () => {
  const settled = async (wanted: number) => {
    const client = await open();
    if (client.status !== wanted) client.close();
    return client.status;
  };
  const clients = [await open(), await open(), await open()];
  expect(clients.map(({ status }) => status)).toContain(200);
  expect((await open()).status).toBe(429);
  for (const client of clients) client.close();
  await expect.poll(() => settled(200), { timeout: 10_000 }).toBe(200);
});

test('closing the server ends the streams', async () => {
  const other = await open();
  await other.next((event) => event.id !== undefined);
  await api.server.close();
  await other.ended;
});
