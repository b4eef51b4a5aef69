import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '#shared/random.ts';
import { type AcknowledgedLoad, startAcknowledgedLoad } from '../support/acknowledged-load.ts';
import { allItems } from '../support/api-pages.ts';
import { type Cluster, type ClusterService, startCluster } from '../support/cluster.ts';
import { isKafkaAvailable } from '../support/kafka-broker.ts';
import { testSecret } from '../support/notifier.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { waitUntil } from '../support/wait-until.ts';

// One cluster and one stream of events for all faults; after each fault everything that was acknowledged since the
// start has to be there once.

const services: readonly ClusterService[] = ['notifier', 'recorder', 'scorer', 'scorer', 'api', 'collector'];
const seed = 20_261_124;
const killAfterMs = { least: 200, span: 1_500 };
const brokerAwayMs = 7_000; // longer than the client's own retries
const storeAwayMs = 10_000;
const termMsMax = 10_000;
const drainMsMax = 90_000;
const start = Date.parse('2026-11-20T00:00:00Z');
// Two thousand events a second at the most: the faults are what is measured here.
const perBatch = 100;
const betweenBatchesMs = 50;

interface Status {
  readonly services: readonly { readonly lag: Readonly<Record<string, number | null>> }[];
}

const isOurs = process.env['KAFKA_BROKERS'] === undefined; // a foreign broker is not ours to stop

describe.runIf(isOurs && (await isKafkaAvailable()))('a cluster under load', () => {
  let receiver: Receiver;
  let cluster: Cluster;
  let acknowledged = 0;

  beforeAll(async () => {
    receiver = await startReceiver({ kind: 'answer', status: 200 });
    cluster = await startCluster({
      AMISS_NOTIFIER_WEBHOOKS: JSON.stringify([{ name: 'soc', url: receiver.url, secret: testSecret }]),
      AMISS_NOTIFIER_ALLOW_ADDRESSES: '127.0.0.1',
    });
    await Promise.all(services.map((service) => cluster.start(service)));
  }, 180_000);

  afterAll(async () => {
    await cluster?.close();
    await receiver.close();
  }, 60_000);

  const member = (service: ClusterService) => {
    const found = cluster.members.find((candidate) => candidate.service === service);
    if (found === undefined) throw new Error(`there is no ${service}`);
    return found;
  };
  const api = () => member('api').process();
  const processIds = () => cluster.members.map((each) => each.process().pid);

  const startLoad = (): AcknowledgedLoad =>
    startAcknowledgedLoad({
      start,
      first: acknowledged,
      perBatch,
      post: async (body) => {
        await pause(betweenBatchesMs);
        return fetch(`${member('collector').url}/v1/ingest`, { method: 'POST', body });
      },
    });

  const created = () =>
    receiver.received
      .filter(({ body }) => JSON.parse(body).type === 'anomaly.alert.created')
      .map(({ body, headers }) => ({
        alert: String(JSON.parse(body).data.id),
        message: String(headers['webhook-id']),
      }));

  const isDrained = () =>
    api()
      .api<Status>('/status')
      .then(
        (status) => status.services.every(({ lag }) => Object.values(lag).every((records) => records === 0)),
        () => false, // log or store are not back yet
      );

  const expectEverythingOnce = async () => {
    await waitUntil('everything to be read', isDrained, drainMsMax);
    const events = await allItems<{ id: string }>(api(), '/events?from=0');
    expect(new Set(events.map(({ id }) => id)).size, `seed=${seed}`).toBe(acknowledged);
    expect(events.length, `seed=${seed}`).toBe(acknowledged);
    const agents = await allItems<{ events_as_source: number }>(api(), '/agents');
    expect(agents.reduce((sum, agent) => sum + agent.events_as_source, 0)).toBe(acknowledged);

    const alerts = (await allItems<{ id: string }>(api(), '/alerts')).map(({ id }) => id);
    expect(alerts.length).toBeGreaterThan(0);
    expect(new Set(alerts).size).toBe(alerts.length);
    const told = () => new Set(created().map(({ alert }) => alert));
    await waitUntil('every alert to be told', () => alerts.every((id) => told().has(id)), drainMsMax);
    const pairs = new Set(created().map(({ alert, message }) => `${alert} as ${message}`));
    expect(pairs.size, [...pairs].join('\n')).toBe(told().size);
    expect([...told()].sort()).toEqual([...alerts].sort());
  };

  test('kill -9 of each service: what was acknowledged is there once, every alert is told once', async () => {
    const random = seededRandom(seed);
    const load = startLoad();
    const restarts: Promise<void>[] = [];
    for (const each of cluster.members) {
      await pause(killAfterMs.least + random.next() * killAfterMs.span);
      await each.process().end('SIGKILL');
      restarts.push(each.restart());
    }
    await Promise.all(restarts);
    await waitUntil('an alert to be told', () => created().length > 0, drainMsMax);
    acknowledged = await load.finish();
    await expectEverythingOnce();
  }, 240_000);

  test('a broker that goes and comes back: nothing is lost and no process ends', async () => {
    const before = processIds();
    const load = startLoad();
    await pause(killAfterMs.span);
    await cluster.broker.stop();
    await pause(brokerAwayMs);
    await cluster.broker.start();
    const [then, more] = [load.acknowledged(), 20 * perBatch];
    await waitUntil('the load to go on', () => load.acknowledged() > then + more, drainMsMax);
    acknowledged = await load.finish();
    const ended = cluster.members.filter((each) => !each.process().isRunning());
    expect(ended.map((each) => each.process().output())).toEqual([]);
    await expectEverythingOnce();
    expect(processIds()).toEqual(before);
  }, 240_000);

  test('a store that is away: alerts and webhooks flow on, rows arrive afterwards', async () => {
    const load = startLoad();
    await cluster.stopStore();
    const before = created().length;
    await pause(storeAwayMs);
    await waitUntil('alerts to be told meanwhile', () => created().length > before, drainMsMax);
    await cluster.startStore();
    acknowledged = await load.finish();
    await expectEverythingOnce();
  }, 240_000);

  test('on SIGTERM each service drains and ends with 0 within ten seconds, and goes on where it was', async () => {
    const load = startLoad();
    await pause(killAfterMs.span);
    const ends = cluster.members.map(async (each) => {
      const startedAt = performance.now();
      const code = await each.process().end('SIGTERM');
      return { service: each.service, code, isInTime: performance.now() - startedAt < termMsMax };
    });
    const late = (await Promise.all(ends)).filter(({ code, isInTime }) => code !== 0 || !isInTime);
    expect(late).toEqual([]);
    await Promise.all(cluster.members.map((each) => each.restart()));
    acknowledged = await load.finish();
    await expectEverythingOnce();
  }, 240_000);
});
