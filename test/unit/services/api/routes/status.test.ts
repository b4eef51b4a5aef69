import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminToken, ingestToken, type RunningApi, startTestApi } from '../../../../support/api.ts';

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
