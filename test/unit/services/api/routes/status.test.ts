import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testAlert } from '../../../../support/alerts.ts';
import { adminToken, ingestToken, type RunningApi, startTestApi } from '../../../../support/api.ts';
import { openSse } from '../../../../support/sse.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startTestApi({ rate_per_second: 5 });
});
afterAll(() => api.stop());

test('tells what is up and how far behind each reader is', async () => {
  await api.log.append('events', [
    { key: 'a', value: '{}' },
    { key: 'b', value: '{}' },
  ]);
  const { body } = await api.get('/status');
  expect(body).toMatchObject({
    version: '0.0.0',
    log: { is_up: true, reason: '' },
    store: { is_up: true, reason: '' },
    services: [{ service: 'recorder', group: 'recorder', lag: { events: 2, alerts: 0 } }],
  });
});

test('one caller who asks too often is slowed down, and nobody else', async () => {
  const ask = async () => (await api.get('/status', { authorization: `Bearer ${adminToken}` })).status;
  const answers = await Promise.all(Array.from({ length: 60 }, ask));
  expect(answers).toContain(429);
  expect(answers).toContain(200);
  expect((await api.get('/status')).status).toBe(200);
});

test('who fails to show a token too often is slowed down as well', async () => {
  const ask = async () => (await api.get('/status', { authorization: 'Bearer wrong' })).status;
  const answers = new Set(await Promise.all(Array.from({ length: 60 }, ask)));
  expect([...answers].sort()).toEqual([401, 429]);
  expect((await api.get('/status', { authorization: `Bearer ${ingestToken}` })).status).toBe(403);
});

describe('while the store is away', () => {
  // Port 1 of loopback: nobody listens there.
  const away = { kind: 'clickhouse', url: 'http://127.0.0.1:1' };
  let alone: RunningApi;

  beforeAll(async () => {
    alone = await startTestApi({}, away);
  });
  afterAll(() => alone.stop());

  test('questions are answered with 503, when to come back, and why', async () => {
    const { status, headers, body } = await alone.get('/alerts');
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('1');
    expect(body).toMatchObject({ type: 'urn:amiss:problem:store_unavailable' });
  });

  test('the status still comes, and says so', async () => {
    const { status, body } = await alone.get('/status');
    expect(status).toBe(200);
    expect(body).toMatchObject({ log: { is_up: true }, store: { is_up: false } });
  });

  test('people can decide', async () => {
    const response = await fetch(`${alone.url}/api/v1/decisions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${adminToken}`,
        'content-type': 'application/json',
        'idempotency-key': 'k',
      },
      body: JSON.stringify({ key: 'alert/a', body: { verdict: 'benign' } }),
    });
    expect(response.status).toBe(202);
  });

  test('alerts keep streaming', async () => {
    const client = await openSse(`${alone.url}/api/v1/alerts/stream`, {
      authorization: `Bearer ${adminToken}`,
    });
    await client.next((event) => event.id !== undefined);
    await alone.log.append('alerts', [{ key: 'default', value: JSON.stringify(testAlert(1)) }]);
    expect(await client.next((event) => event.event === 'alert')).toMatchObject({ event: 'alert' });
    client.close();
  });
});
