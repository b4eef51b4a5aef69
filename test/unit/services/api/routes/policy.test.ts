import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { type RunningApi, readToken, startTestApi } from '../../../../support/api.ts';
import { ndjson, storeEvent } from '../../../../support/store-events.ts';
import { waitUntil } from '../../../../support/wait-until.ts';

let api: RunningApi;
const now = Date.now();

beforeAll(async () => {
  api = await startTestApi();
  const events = [
    {
      source: 'web',
      source_zone: 'dmz',
      destination: 'shop',
      destination_zone: 'app',
      source_version: '1.0',
    },
    { source: 'web', source_zone: 'dmz', destination: 'db', destination_zone: 'data', source_version: '2.0' },
    { source: 'shop', source_zone: 'app', destination: 'db', destination_zone: 'data', action: 'select' },
  ] satisfies Partial<AmissEvent>[];
  const rows = events.map((event, i) => storeEvent(i, { ...event, time: now - 3_600_000 + i * 1000 }));
  await api.store.insert({ table: 'events', rows: ndjson(rows), token: 'policy' });
});
afterAll(async () => {
  await api.stop();
  expect(api.failures).toEqual([]);
});

const send: RunningApi['send'] = (...call) => api.send(...call);
const denying = `
version: 1
zones:
  default: denied
  rules:
    - { from: [dmz], to: [app], verdict: allowed }
`;

test('a policy goes from dry run to live within seconds, and says what it changes', async () => {
  const dry = await send('PUT', '/policies/default', { policy: denying, is_dry_run: true });
  expect(dry).toMatchObject({
    status: 200,
    body: { changes: [{ key: 'zones.default' }, { key: 'zones.rules' }] },
  });
  expect((await api.get('/policies/default')).body).toMatchObject({ zones: { default: 'allowed' } });

  const live = await send('PUT', '/policies/default', { policy: denying, reason: 'segments' });
  expect(live).toMatchObject({
    status: 202,
    body: { decision: { key: 'policy/default', by: 'root', reason: 'segments' } },
  });
  await waitUntil('the new policy', async () => {
    const { body } = await api.get('/policies/default');
    return (body as { zones: { default: string } }).zones.default === 'denied';
  });
});

test('only an admin edits a policy', async () => {
  expect((await send('PUT', '/policies/default', { policy: denying }, readToken)).status).toBe(403);
});

test('a wrong policy is refused by key and remedy', async () => {
  const { status, body } = await send('PUT', '/policies/default', {
    policy: { version: 1, zones: { default: 'no' } },
  });
  expect([status, body]).toMatchObject([
    400,
    { detail: 'policy.zones.default: write one of allowed, watched, denied' },
  ]);
});

test('the what-if tells what a policy would have denied, without making it live', async () => {
  const { body } = await send('POST', '/policies/default/what-if', { policy: denying, days: 1 }, readToken);
  expect(body).toMatchObject({ calls: 3, denied: 2, edges: [{ destination: 'db' }, { destination: 'db' }] });
});

test('traffic suggests a policy that would have denied nothing', async () => {
  const { body } = await api.get('/policies/default/learned?days=1');
  const { policy } = body as { policy: unknown };
  const judged = await send('POST', '/policies/default/what-if', { policy, days: 1 });
  expect(judged.body).toMatchObject({ calls: 3, denied: 0 });
});

test.each(['kubernetes', 'cilium', 'istio', 'rego'])(
  'the policy is exported as %s, with its counts',
  async (form) => {
    const { status, body } = await api.get(`/policies/default/exports/${form}?days=1&of=learned`);
    expect([status, body]).toMatchObject([200, { would_have: { calls: 3, denied: 0 } }]);
    expect((body as { files: { text: string }[] }).files[0]?.text.length).toBeGreaterThan(100);
  },
);

test('the registry holds what was declared beside what was seen', async () => {
  const declared = { agent: 'web', owner: 'shop team', identities: ['svc-web'] };
  expect((await send('PUT', '/registry', declared)).status).toBe(202);
  expect((await send('PUT', '/registry', { agent: 'web', zone: 7 })).status).toBe(400);
  await waitUntil('the declaration', async () => {
    const { body } = await api.get('/registry');
    const { items } = body as { items: { id: string; is_registered: boolean }[] };
    return items.some(({ id, is_registered }) => id === 'web' && is_registered);
  });
  const { body } = await api.get('/registry');
  const { items } = body as {
    items: { id: string; is_registered: boolean; zone: unknown; owner: unknown }[];
  };
  expect(items.map(({ id, is_registered }) => [id, is_registered])).toEqual([
    ['db', false],
    ['shop', false],
    ['web', true],
  ]);
  expect(items[2]).toMatchObject({
    owner: { value: 'shop team', origin: 'declared' },
    zone: { value: 'dmz', origin: 'learned' },
  });
});

test('an agent tells whom it can reach and the least that it needs', async () => {
  const { body } = await api.get('/agents/web/privilege?days=1');
  expect(body).toMatchObject({
    blast_radius: { by_hops: [2], reachable: 2 },
    minimal_grants: [{ to: ['db'] }, { to: ['shop'] }],
  });
});

test('an assessment that is recorded is the one that the next is compared with', async () => {
  expect((await api.get('/assessment?days=1')).body).toMatchObject({ last: null });
  expect((await send('POST', '/assessment?days=1', undefined, readToken)).status).toBe(403);
  const { status, body } = await send('POST', '/assessment?days=1', undefined);
  expect(status).toBe(202);
  const { to, score } = body as { readonly to: number; readonly score: number };
  let last: unknown = null;
  await waitUntil('the record', async () => {
    ({ last } = (await api.get('/assessment?days=1')).body as { readonly last: unknown });
    return last !== null;
  });
  expect(last).toEqual({ at: to, score });
});

test('the assessment is JSON, or a page for a browser', async () => {
  const json = await api.get('/assessment?days=1');
  expect(json.body).toMatchObject({ calls: 3 });
  const page = await fetch(`${api.url}/api/v1/assessment?days=1`, {
    headers: { authorization: `Bearer ${readToken}`, accept: 'text/html' },
  });
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await page.text()).toMatch(/^<!doctype html>/);
});
