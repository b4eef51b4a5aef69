import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAuthenticate, tokenDigest } from '#shared/auth/token.ts';
import type { Signal } from '#shared/signal.ts';
import { readAll } from '../support/collector.ts';
import { distinctIds, eventsOf, type ShipperScene, startShipperScene } from '../support/shipper-scene.ts';
import { waitUntil } from '../support/wait-until.ts';

const token = 'a-token-of-at-least-thirty-two-characters';
const count = 5;

interface Dialect {
  readonly name: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly bodyOf: (events: readonly object[]) => string;
  /** What the client must be told while the log is full, or while it is away. */
  readonly full: number;
  readonly away: number;
  /** What a stranger is told, without and with a wrong token. */
  readonly refused: readonly [number, number];
}

const lines = (events: readonly object[]) => events.map((event) => JSON.stringify(event)).join('\n');
const otlp = (events: readonly object[]) => {
  const logRecords = events.map((event) => ({ body: { stringValue: JSON.stringify(event) } }));
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
};
const json = { 'content-type': 'application/json' };
const dialects: readonly Dialect[] = [
  {
    name: 'native',
    path: '/v1/ingest',
    headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': 'batch-1' },
    bodyOf: lines,
    full: 429,
    away: 503,
    refused: [401, 401],
  },
  { name: 'otlp', path: '/v1/logs', headers: json, bodyOf: otlp, full: 429, away: 503, refused: [401, 401] },
  {
    name: 'elastic',
    path: '/elastic/_bulk',
    headers: { 'content-type': 'application/x-ndjson', 'user-agent': 'Filebeat/9.0' },
    bodyOf: (events) => `${events.map((event) => `{"create":{}}\n${JSON.stringify(event)}`).join('\n')}\n`,
    full: 429,
    away: 503,
    refused: [401, 401],
  },
  {
    name: 'hec',
    path: '/services/collector/event',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    bodyOf: (events) => events.map((event) => JSON.stringify({ event })).join(''),
    full: 503,
    away: 503,
    refused: [401, 403],
  },
];

describe.each(dialects)('$name under pressure', ({ name, path, headers, bodyOf, full, away }) => {
  let scene: ShipperScene;
  beforeAll(async () => {
    scene = await startShipperScene();
  });
  afterEach(() => scene.gate.open());
  afterAll(() => scene.stop());
  const post = (body: string) => fetch(scene.collector.address + path, { method: 'POST', headers, body });

  test.each([
    ['full', 'LOG_FULL', full],
    ['away', 'LOG_UNAVAILABLE', away],
  ] as const)(
    'asks to come again while the log is %s, and takes every record once afterwards',
    async (state, code, status) => {
      const body = bodyOf(eventsOf(`${name}-${state}`, count));
      scene.gate.shut(code);
      const answer = await post(body);
      expect(answer.status).toBe(status);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      scene.gate.open();
      expect((await post(body)).status).toBe(200);
      expect(distinctIds(await scene.arrived(`${name}-${state}`, count))).toBe(count);
    },
  );

  test('gives a batch that is repeated because its answer was lost the same ids', async () => {
    const body = bodyOf(eventsOf(`${name}-repeat`, count));
    await post(body);
    await post(body);
    expect(distinctIds(await scene.arrived(`${name}-repeat`, 2 * count))).toBe(count);
  });
});

describe.each(dialects)('$name and strangers', ({ path, headers, bodyOf, refused }) => {
  let scene: ShipperScene;
  beforeAll(async () => {
    const known = createAuthenticate([
      { name: 'web-shipper', roles: ['ingest'], sha256: tokenDigest(token) },
    ]);
    const shippers = [
      { name: 'web-shipper', agents: ['web-*'], space: 'shop', addresses: [], shared_key: '' },
    ];
    scene = await startShipperScene({ require_token: true, shippers }, { authenticate: known });
  });
  afterAll(() => scene.stop());
  const post = (body: string, authorization?: string) =>
    fetch(scene.collector.address + path, {
      method: 'POST',
      headers: authorization === undefined ? headers : { ...headers, authorization },
      body,
    });

  test('a refused shipper is heard of, since it drops its records', async () => {
    const body = bodyOf(eventsOf('web', 1));
    expect((await post(body)).status).toBe(refused[0]);
    expect((await post(body, 'Bearer wrong')).status).toBe(refused[1]);
    const signals = () => readAll<Signal>(scene.collector.log, 'signals');
    await waitUntil('the signal', async () => (await signals()).length > 0);
    expect(await signals()).toMatchObject([
      { cause: 'shipper_refused/127.0.0.1', evidence: [{ detector: 'shipper_refused' }] },
    ]);
    expect(await scene.collector.events()).toEqual([]);
  });

  test('a known shipper speaks for its agents alone, in whichever form it shows its token', async () => {
    const forms = [
      `Bearer ${token}`,
      `Splunk ${token}`,
      `Basic ${Buffer.from(`any:${token}`).toString('base64')}`,
      `ApiKey ${Buffer.from(`id:${token}`).toString('base64')}`,
    ];
    for (const [i, form] of forms.entries()) {
      const events = [...eventsOf(`web-${i}`, 1), ...eventsOf(`billing-${i}`, 1)];
      expect((await post(bodyOf(events), form)).status).toBe(200);
    }
    const kept = await scene.arrived('', forms.length);
    expect(kept.map(({ source, shipper, space }) => [source, shipper, space]).sort()).toEqual(
      forms.map((_, i) => [`web-${i}-0`, 'web-shipper', 'shop']),
    );
    const reasons = (await scene.collector.rejects()).map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason.includes('may not speak for "billing-'))).toHaveLength(4);
  });
});

describe('rsyslog', () => {
  test('gets its connection closed instead of a status that makes it drop the batch', async () => {
    const scene = await startShipperScene();
    scene.gate.shut('LOG_FULL');
    const { request } = await import('node:http');
    const code = await new Promise((resolve) => {
      const sent = request(
        {
          port: scene.ports.elastic,
          path: '/_bulk',
          method: 'POST',
          headers: { 'content-type': 'application/json; charset=utf-8' },
        },
        (response) => resolve(response.statusCode),
      );
      sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      sent.end(`{"index":{}}\n${JSON.stringify(eventsOf('rsyslog', 1)[0])}\n\n`);
    });
    expect(code).toBe('ECONNRESET');
    await scene.stop();
  });
});

describe('limits', () => {
  test('a sender above its rate waits, and is told for how long', async () => {
    const scene = await startShipperScene({ rate_records_per_second: 1 });
    const post = () =>
      fetch(`${scene.collector.address}/v1/ingest`, { method: 'POST', body: lines(eventsOf('rate', 20)) });
    expect((await post()).status).toBe(200); // the burst of ten seconds, and ten records on credit
    const answer = await post();
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(9);
    await scene.stop();
  });

  test('readers that are too far behind stop the senders', async () => {
    const scene = await startShipperScene({ lag_records_max: 5 });
    const post = () =>
      fetch(`${scene.collector.address}/v1/ingest`, { method: 'POST', body: lines(eventsOf('lag', 20)) });
    await post();
    await waitUntil('429', async () => (await post()).status === 429);
    await scene.stop();
  });

  test('a batch of too many records is refused with 413', async () => {
    const scene = await startShipperScene({ batch_records_max: 10 });
    const body = lines(eventsOf('many', 11));
    const answer = await fetch(`${scene.collector.address}/v1/ingest`, { method: 'POST', body });
    expect(answer.status).toBe(413);
    expect(await scene.collector.events()).toEqual([]);
    await scene.stop();
  });
});
