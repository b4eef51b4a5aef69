import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Alert } from '#shared/alert.ts';
import type { AmissEvent } from '#shared/event.ts';
import { testAlert } from '../../../support/alerts.ts';
import { adminToken, ingestToken, type RunningApi, readToken, startTestApi } from '../../../support/api.ts';
import { ndjson, storeEvent } from '../../../support/store-events.ts';

let api: RunningApi;
const insert = (table: string, rows: readonly unknown[]) =>
  api.store.insert({ table, rows: ndjson(rows), token: `${table}/${JSON.stringify(rows).slice(0, 200)}` });

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => {
  await api.stop();
  expect(api.failures).toEqual([]);
});

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Follows `next` to the end. */
async function everyPage<T>(path: string): Promise<readonly (readonly T[])[]> {
  const pages: (readonly T[])[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { body } = await api.get(`${path}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    const page = body as Page<T>;
    pages.push(page.items);
    cursor = page.next;
  }
  return pages;
}

describe('who may call', () => {
  test.each([
    { who: 'nobody', token: undefined, status: 401 },
    { who: 'a stranger', token: 'x'.repeat(40), status: 401 },
    { who: 'a shipper', token: ingestToken, status: 403 },
    { who: 'a reader', token: readToken, status: 200 },
    { who: 'an admin', token: adminToken, status: 200 },
  ])('$who gets $status', async ({ token, status }) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${api.url}/api/v1/alerts`, { headers });
    expect(response.status).toBe(status);
    expect(response.headers.has('www-authenticate')).toBe(status === 401);
  });

  test('a reader may not decide', async () => {
    const response = await fetch(`${api.url}/api/v1/decisions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${readToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ key: 'alert/a', body: {} }),
    });
    expect(response.status).toBe(403);
  });
});

describe('alerts', () => {
  beforeAll(async () => {
    const alerts = Array.from({ length: 25 }, (_, n) =>
      testAlert(Math.floor(n / 2) * 2, {
        id: `list-${String(n).padStart(2, '0')}`,
        space: 'list',
        severity: n,
      }),
    );
    await insert('alert_history', alerts);
  });

  test('come newest first, each once over all pages, also where times are equal', async () => {
    const pages = await everyPage<Alert>('/alerts?space=list&limit=7');
    const ids = pages.flat().map(({ id }) => id);
    expect(pages.map((page) => page.length)).toEqual([7, 7, 7, 4]);
    expect(ids).toEqual(Array.from({ length: 25 }, (_, n) => `list-${String(24 - n).padStart(2, '0')}`));
  });

  test('tell the next page in the Link header too', async () => {
    const { headers, body } = await api.get('/alerts?space=list&limit=2&severity_min=3');
    const url = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? '';
    expect(new URL(url, api.url).searchParams.get('cursor')).toBe((body as Page<Alert>).next);
    expect(url).toContain('severity_min=3');
  });

  test.each([
    { filter: 'severity_min=20', count: 5 },
    { filter: 'agent=checkout', count: 25 },
    { filter: 'agent=payments', count: 25 },
    { filter: 'agent=nobody', count: 0 },
    { filter: 'status=new&status=resolved', count: 25 },
    { filter: 'status=resolved', count: 0 },
    { filter: 'detector=volume', count: 25 },
    { filter: 'q=MORE%20than', count: 25 },
    { filter: "q='%20OR%201=1", count: 0 },
    { filter: 'from=1700000000010&to=1700000000012', count: 2 },
  ])('$filter finds $count', async ({ filter, count }) => {
    const { body } = await api.get(`/alerts?space=list&limit=1000&${filter}`);
    expect((body as Page<Alert>).items).toHaveLength(count);
  });

  test('one comes with history, evidence events, deliveries and decisions', async () => {
    const events = [storeEvent(1), storeEvent(2)];
    const first = testAlert(0, { id: 'detail', space: 'default', events: events.map(({ id }) => id) });
    const second = { ...first, revision: 2, severity: 90 };
    const delivery = {
      id: 'm1',
      attempt: 1,
      time: Date.now(),
      space: 'default',
      alert: 'detail',
      revision: 1,
      target: 't',
      state: 'delivered',
      status: 204,
      reason: '',
      next_attempt_at: null,
      duration_ms: 12.5,
    };
    const decision = {
      id: 'd1',
      key: 'alert/detail',
      kind: 'alert',
      time: 5,
      space: 'default',
      by: 'me',
      reason: 'seen',
      body: { verdict: 'benign' },
    };
    await insert('events', [...events, storeEvent(3)]);
    await insert('alert_history', [first, second]);
    await insert('deliveries', [delivery]);
    await insert('decisions', [decision]);
    const { body, headers } = await api.get('/alerts/detail');
    expect(body).toEqual({
      alert: second,
      history: [first, second],
      events,
      deliveries: [delivery],
      decisions: [decision],
    });
    const again = await api.get('/alerts/detail', { 'if-none-match': headers.get('etag') ?? '' });
    expect(again).toMatchObject({ status: 304, body: null });
  });

  test('one that is not there is a problem with a permanent type', async () => {
    const { status, headers, body } = await api.get('/alerts/none');
    expect(status).toBe(404);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ type: 'urn:amiss:problem:not_found', status: 404 });
  });
});

describe('events', () => {
  const events = [
    storeEvent(1, { space: 'search', source: 'a', destination: 'b', action: 'GET /x', outcome: 'denied' }),
    storeEvent(2, { space: 'search', source: 'b', destination: 'a', action: 'GET /y' }),
    storeEvent(3, { space: 'search', source: 'a', destination: 'c', attributes: { k: 'v' } }),
    storeEvent(4, { space: 'search', source: 'a', destination: 'a' }),
  ];
  beforeAll(() => insert('events', events));

  test.each([
    { filter: 'agent=a', found: [4, 3, 2, 1] },
    { filter: 'agent=b', found: [2, 1] },
    { filter: 'agent=a&peer=b', found: [2, 1] },
    { filter: 'agent=a&peer=a', found: [4] },
    { filter: 'peer=c', found: [3] },
    { filter: 'source=a&destination=b', found: [1] },
    { filter: 'action=GET%20/x', found: [1] },
    { filter: 'action=GET*', found: [2, 1] },
    { filter: 'outcome=denied', found: [1] },
    { filter: 'from=1700000000002&to=1700000000004', found: [3, 2] },
  ])('$filter finds $found, as they came', async ({ filter, found }) => {
    const { body } = await api.get(`/events?space=search&${filter}`);
    expect((body as Page<AmissEvent>).items).toEqual(found.map((n) => events[n - 1]));
  });

  test('are each on one page only', async () => {
    const pages = await everyPage<AmissEvent>('/events?space=search&agent=a&limit=1');
    expect(pages.flat()).toEqual([events[3], events[2], events[1], events[0]]);
  });
});

describe('agents', () => {
  const spiffe = 'spiffe://corp.example/ns/prod/sa/web app';
  beforeAll(() =>
    insert('events', [
      storeEvent(1, {
        space: 'agents',
        source: spiffe,
        destination: 'db',
        action: 'read',
        source_version: '1.0',
      }),
      storeEvent(60_000, {
        space: 'agents',
        source: spiffe,
        destination: 'db',
        outcome: 'error',
        duration_ms: 4,
      }),
      storeEvent(2, { space: 'agents', source: 'cron', destination: spiffe }),
    ]),
  );

  test('are listed by id with counts, page by page', async () => {
    const pages = await everyPage<{ agent: string }>('/agents?space=agents&limit=2');
    expect(pages.map((page) => page.map(({ agent }) => agent))).toEqual([['cron', 'db'], [spiffe]]);
    expect(pages[1]?.[0]).toEqual({
      agent: spiffe,
      first_seen: 1_700_000_000_001,
      last_seen: 1_700_000_060_000,
      events_as_source: 2,
      events_as_destination: 1,
      errors: 1,
      denied: 0,
      peers: 2,
    });
  });

  test('are found by a part of the id, and by when they were last seen', async () => {
    const byText = await api.get('/agents?space=agents&q=CORP.');
    const byTime = await api.get('/agents?space=agents&seen_since=1700000050000');
    expect((byText.body as Page<{ agent: string }>).items.map(({ agent }) => agent)).toEqual([spiffe]);
    expect((byTime.body as Page<{ agent: string }>).items.map(({ agent }) => agent)).toEqual(['db', spiffe]);
  });

  test('one is described with peers, actions, versions and a series', async () => {
    const { body } = await api.get(`/agents/${encodeURIComponent(spiffe)}?space=agents&step=minute`);
    expect(body).toMatchObject({
      agent: spiffe,
      top_peers: [
        { peer: 'db', side: 'source', events: 2, errors: 1 },
        { peer: 'cron', side: 'destination', events: 1 },
      ],
      actions: [{ action: 'read', events: 1 }],
      versions: [{ version: '1.0', events: 1 }],
      series: [
        { side: 'source', events: 1, duration_ms_mean: null, peers: 1 },
        { side: 'destination', events: 1 },
        { side: 'source', events: 1, errors: 1, duration_ms_mean: 4 },
      ],
    });
  });

  test('one nobody has seen is not found', async () => {
    expect(await api.get('/agents/nobody')).toMatchObject({ status: 404 });
  });
});

describe('what is wrong with a request is said', () => {
  test.each([
    { path: '/alerts?severity_min=high', culprit: 'severity_min' },
    { path: '/alerts?severty_min=3', culprit: 'severty_min' },
    { path: '/alerts?limit=1001', culprit: 'limit' },
    { path: '/alerts?cursor=AAAA', culprit: 'cursor' },
    { path: '/events?cursor=WzEsIngiXQ', culprit: 'cursor' },
    { path: '/agents/cron?space=agents&from=5&to=5', culprit: 'from' },
  ])('$path names $culprit', async ({ path, culprit }) => {
    const { status, body } = await api.get(path);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(culprit);
    expect(body).toMatchObject({ type: 'urn:amiss:problem:input_invalid' });
  });
});
