import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { seededRandom } from '#shared/random.ts';
import { startAcknowledgedLoad } from '../support/acknowledged-load.ts';
import { type AmissProcess, newDataFolder, removeData, startAmiss } from '../support/amiss-process.ts';
import { allItems } from '../support/api-pages.ts';
import { freePort } from '../support/free-port.ts';
import { testSecret } from '../support/notifier.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { waitUntil } from '../support/wait-until.ts';

const kills = 5;
const killAfterMs = { least: 700, span: 2_500 };
const drainMsMax = 120_000;
const termMsMax = 10_000;
const seed = 20_261_123;

interface Status {
  readonly services: readonly {
    readonly service: string;
    readonly lag: Readonly<Record<string, number | null>>;
  }[];
}

const isDrained = async (amiss: AmissProcess) => {
  const { services } = await amiss.api<Status>('/status');
  return services.every(({ lag }) => Object.values(lag).every((records) => records === 0));
};

describe('one process for everything', () => {
  let receiver: Receiver;
  let data: string;
  let amiss: AmissProcess | undefined;

  const start = async (listen: string) =>
    startAmiss({
      command: 'up',
      data,
      listen,
      environment: {
        AMISS_NOTIFIER_WEBHOOKS: JSON.stringify([{ name: 'soc', url: receiver.url, secret: testSecret }]),
        AMISS_NOTIFIER_ALLOW_ADDRESSES: '127.0.0.1',
        AMISS_SCORER_SNAPSHOT_EVERY_MS: '500',
        AMISS_SCORER_ALERTS_PER_DAY: '1000',
      },
    });

  afterEach(async () => {
    await amiss?.end('SIGKILL');
    await receiver.close();
    removeData(data);
  });

  test('killed again and again under load, it has every acknowledged event once, and tells every alert once', async () => {
    const random = seededRandom(seed);
    receiver = await startReceiver({ kind: 'answer', status: 200 });
    data = newDataFolder();
    const listen = `127.0.0.1:${await freePort()}`;
    amiss = await start(listen);
    const load = startAcknowledgedLoad({
      start: Date.parse('2026-11-20T00:00:00Z'),
      perBatch: 250,
      post: (body) => fetch(`http://${listen}/v1/ingest`, { method: 'POST', body }),
    });
    for (let kill = 0; kill < kills; kill += 1) {
      await pause(killAfterMs.least + random.next() * killAfterMs.span);
      await amiss.end('SIGKILL');
      amiss = await start(listen);
    }
    await pause(killAfterMs.least);
    const acknowledged = await load.finish();
    const last = amiss;
    await waitUntil('everything to be read', () => isDrained(last), drainMsMax);

    const events = await allItems<{ id: string; source: string }>(last, '/events?from=0');
    expect(new Set(events.map(({ id }) => id)).size, `seed=${seed}`).toBe(acknowledged);
    expect(events.length, `seed=${seed}`).toBe(acknowledged);
    const agents = await allItems<{ events_as_source: number }>(last, '/agents');
    expect(agents.reduce((sum, agent) => sum + agent.events_as_source, 0)).toBe(acknowledged);

    const alerts = await allItems<{ id: string }>(last, '/alerts');
    expect(alerts.length).toBeGreaterThan(0);
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(alerts.length);
    const created = () =>
      receiver.received.filter(({ body }) => JSON.parse(body).type === 'anomaly.alert.created');
    const told = () => new Set(created().map(({ body }) => String(JSON.parse(body).data.id)));
    await waitUntil('every alert to be told', () => alerts.every(({ id }) => told().has(id)), drainMsMax);
    const messages = new Map<string, Set<string>>();
    for (const { body, headers } of created()) {
      const id = String(JSON.parse(body).data.id);
      messages.set(id, (messages.get(id) ?? new Set()).add(String(headers['webhook-id'])));
    }
    for (const [id, ids] of messages) expect(`${id}: ${ids.size} message`).toBe(`${id}: 1 message`);
  }, 240_000);

  test('on SIGTERM it drains, exits 0 within ten seconds, and goes on where it was', async () => {
    receiver = await startReceiver({ kind: 'answer', status: 200 });
    data = newDataFolder();
    const listen = `127.0.0.1:${await freePort()}`;
    amiss = await start(listen);
    const load = startAcknowledgedLoad({
      start: Date.parse('2026-11-20T00:00:00Z'),
      perBatch: 250,
      post: (body) => fetch(`http://${listen}/v1/ingest`, { method: 'POST', body }),
    });
    await pause(2_000);
    const startedAt = performance.now();
    expect(await amiss.end('SIGTERM'), amiss.output()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(termMsMax);
    amiss = await start(listen);
    await pause(500);
    const acknowledged = await load.finish();
    const last = amiss;
    await waitUntil('everything to be read', () => isDrained(last), drainMsMax);
    const events = await allItems<{ id: string }>(last, '/events?from=0');
    expect(events.length).toBe(acknowledged);
  }, 180_000);
});
