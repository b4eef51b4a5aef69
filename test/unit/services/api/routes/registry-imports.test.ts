import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningApi, readToken, startTestApi } from '../../../../support/api.ts';
import { ndjson, storeEvent } from '../../../../support/store-events.ts';
import { waitUntil } from '../../../../support/wait-until.ts';

let api: RunningApi;
const now = Date.now();
const hour = 3_600_000;

beforeAll(async () => {
  api = await startTestApi();
  const calls = [
    { source: 'web', destination: 'shop', action: 'GET /orders', source_version: '1.0' },
    { source: 'web', destination: 'shop', action: 'GET /orders', source_version: '2.0' },
  ];
  const rows = calls.map((call, i) => storeEvent(i, { ...call, time: now - (3 - i) * hour }));
  await api.store.insert({ table: 'events', rows: ndjson(rows), token: 'registry' });
});
afterAll(async () => {
  await api.stop();
  expect(api.failures).toEqual([]);
});

const send: RunningApi['send'] = (...call) => api.send(...call);
const registered = async (agent: string) => {
  const { status, body } = await api.get(`/registry/${encodeURIComponent(agent)}`);
  return status === 200 ? (body as { zone: unknown; versions: unknown; declarations: unknown[] }) : undefined;
};
const entries = (...names: string[]) =>
  JSON.stringify({
    entries: names.map((name) => ({ spiffe_id: { trust_domain: 'prod', path: `/ns/shop/sa/${name}` } })),
  });

test('an import is tried, made, not repeated, and taken back where it no longer holds', async () => {
  const cart = 'spiffe://prod/ns/shop/sa/cart';
  const path = '/registry/imports/spiffe';
  const dry = await send('POST', path, { content: entries('cart'), is_dry_run: true });
  expect(dry).toMatchObject({ status: 200, body: { changed: [cart], unchanged: 0 } });
  expect(await registered(cart)).toBeUndefined();

  expect(await send('POST', path, { content: entries('cart', 'old') })).toMatchObject({ status: 202 });
  await waitUntil('the import', async () => (await registered(cart)) !== undefined);
  expect((await registered(cart))?.zone).toEqual({ value: 'shop', origin: 'spiffe' });

  const again = await send('POST', path, { content: entries('cart'), is_complete: true });
  expect(again.body).toMatchObject({ changed: [], unchanged: 1, removed: ['spiffe://prod/ns/shop/sa/old'] });
  await waitUntil('old gone', async () => (await registered('spiffe://prod/ns/shop/sa/old')) === undefined);
});

test('role lists are held against what is used, beside the policy', async () => {
  const content = `
roles: [{ name: reader, grants: [{ to: [shop], actions: ['GET *', 'DELETE *'] }, { to: [vault] }] }]
bindings: [{ role: reader, agents: [web], since: '2020-01-01' }]
`;
  const { body } = await send('POST', '/registry/imports/roles', { content, name: 'iam' });
  expect(body).toMatchObject({ changed: ['roles/iam'], skipped: [] });
  const grants = async (query = '') => (await api.get(`/grants?days=1${query}`)).body as { items: object[] };
  await waitUntil('the roles', async () => (await grants()).items.length === 2);
  expect((await grants()).items).toMatchObject([
    { from: 'iam', agent: 'web', to: ['vault'], last_used: null, unused_to: ['vault'] },
    { from: 'iam', agent: 'web', to: ['shop'], unused_actions: ['DELETE *'], unused_days: 0 },
  ]);
  expect((await grants('&unused_days_min=90')).items).toHaveLength(1);
  const privilege = (await api.get('/agents/web/privilege')).body as never;
  expect(privilege).toMatchObject({
    blast_radius: { reachable: 1 },
    granted_radius: { reachable: 2 },
    minimal_grants: [{ to: ['shop'], actions: ['GET /orders'] }],
  });
});

test('an agent is shown with the history of its versions, and its declaration is taken back', async () => {
  await send('PUT', '/registry', { agent: 'web', zone: 'dmz' });
  await waitUntil('the declaration', async () => (await registered('web'))?.declarations.length === 1);
  expect(await registered('web')).toMatchObject({
    zone: { value: 'dmz', origin: 'declared' },
    versions: [
      { version: '1.0', first_seen: now - 3 * hour, last_seen: now - 3 * hour },
      { version: '2.0', first_seen: now - 2 * hour, last_seen: now - 2 * hour },
    ],
  });
  expect((await send('DELETE', '/registry/web')).status).toBe(202);
  await waitUntil('it gone', async () => (await registered('web'))?.declarations.length === 0);
  expect((await send('DELETE', '/registry/web')).status).toBe(404);
});

test('a wrong import is refused, and only an admin imports', async () => {
  expect((await send('POST', '/registry/imports/ldap', { content: '' })).status).toBe(400);
  expect(await send('POST', '/registry/imports/roles', { content: 'a: [' })).toMatchObject({ status: 400 });
  expect((await send('POST', '/registry/imports/spiffe', { content: entries('a') }, readToken)).status).toBe(
    403,
  );
});
