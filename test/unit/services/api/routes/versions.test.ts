import { afterAll, beforeAll, expect, test } from 'vitest';
import { anAlert } from '../../../../support/alert.ts';
import { adminToken, type RunningApi, readToken, startTestApi } from '../../../../support/api.ts';
import { ndjson, storeEvent } from '../../../../support/store-events.ts';

let api: RunningApi;
const now = Date.now();
const hour = 3_600_000;
const released = now - 2 * hour;

beforeAll(async () => {
  api = await startTestApi();
  const calls = [
    { time: now - 50 * hour, source: 'shop', source_version: '7' },
    { time: now - 40 * hour, source: 'shop', source_version: '8' },
    { time: now - 9 * hour, source: 'web', source_version: '1.0' },
    { time: released, source: 'web', source_version: '1.1' },
  ];
  const rows = calls.map((call, i) => storeEvent(i, { destination: 'db', ...call }));
  await api.store.insert({ table: 'events', rows: ndjson(rows), token: 'versions' });
  const alerts = [
    { ...anAlert(), id: 'of-web', agent: 'web', peers: ['shop'], time: now, updated_at: now },
    { ...anAlert(), id: 'of-shop', agent: 'shop', peers: [], time: now, updated_at: now },
  ];
  await api.store.insert({ table: 'alerts', rows: ndjson(alerts.map(stored)), token: 'alerts' });
});
afterAll(async () => {
  await api.stop();
  expect(api.failures).toEqual([]);
});

const stored = (alert: ReturnType<typeof anAlert>) => ({
  ...alert,
  evidence: JSON.stringify(alert.evidence),
  first_seen: null,
  techniques: '[]',
});
const post = (path: string, token = adminToken) => api.send('POST', path, {}, token);
const planned = {
  key: `planned_change/version/default/web/${released}`,
  kind: 'planned_change',
  reason: 'web went from 1.0 to 1.1',
  body: { agent: 'web', from: released, to: released + 24 * hour, mode: 'relearn' },
};

test('changes of version are listed with the decision that accepts them', async () => {
  const { body } = await api.get('/versions?days=3');
  const { kind: _, ...accept } = planned;
  expect(body).toMatchObject({
    changes: [{ agent: 'shop' }, { agent: 'web', from: '1.0', to: '1.1', at: released, accept }],
  });
});

test('one call accepts the newest change of an agent', async () => {
  expect(await post('/versions/web/accept')).toMatchObject({ status: 202, body: planned });
  expect((await post('/versions/nobody/accept')).status).toBe(404);
  expect((await post('/versions/web/accept', readToken)).status).toBe(403);
});

test('one call accepts the change that explains an alert, if one does', async () => {
  expect(await post('/alerts/of-web/accept-version')).toMatchObject({ status: 202, body: planned });
  expect(await post('/alerts/of-shop/accept-version')).toMatchObject({
    status: 404,
    body: { detail: 'no agent of alert "of-shop" changed its version within the day before it' },
  });
  expect((await post('/alerts/none/accept-version')).status).toBe(404);
});
