import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { loadConfig } from '#shared/config.ts';
import { openLog } from '#shared/log/open.ts';
import { silentLogger } from '#shared/logger.ts';
import { settingsSchema } from '../../services/settings.ts';
import { anAlert } from '../support/alert.ts';
import { type ComposeHost, call, type ServiceProcess, startComposeHost } from '../support/compose-host.ts';
import { isKafkaAvailable } from '../support/kafka-broker.ts';
import { appendAlerts, testSecret } from '../support/notifier.ts';
import { type Receiver, startReceiver, until } from '../support/receiver.ts';

const services = ['notifier', 'recorder', 'scorer', 'scorer', 'api', 'collector'];
const eventsTotal = 500;

describe.runIf(await isKafkaAvailable())('the cluster of docker-compose.yml, as processes', () => {
  let receiver: Receiver;
  let host: ComposeHost;
  const running: ServiceProcess[] = [];
  const addressOf = (name: string) => running.find((service) => service.name === name)?.url ?? '';

  beforeAll(async () => {
    receiver = await startReceiver({ kind: 'answer', status: 200 });
    host = await startComposeHost({
      AMISS_WEBHOOKS: JSON.stringify([{ name: 'soc', url: receiver.url, secret: testSecret }]),
      AMISS_WEBHOOK_ADDRESSES: '127.0.0.1',
    });
  }, 180_000);

  afterAll(async () => {
    await host?.close();
    await receiver.close();
  });

  const openOwnLog = async (changes: Record<string, string> = {}) => {
    const environment = { ...(await host.environmentOf('notifier')), ...changes };
    const { log } = loadConfig(settingsSchema, { file: undefined, environment });
    return openLog(log, '', systemClock, silentLogger);
  };

  test('Kafka takes nobody without the password, and nobody without TLS', async () => {
    const log = await openOwnLog();
    await log.ping();
    await log.close();
    await expect(openOwnLog({ AMISS_LOG_PASSWORD: 'wrong' })).rejects.toThrow();
    await expect(openOwnLog({ AMISS_LOG_TLS: 'false' })).rejects.toThrow();
  });

  test('every service becomes ready with the variables of the file', async () => {
    running.push(...(await Promise.all(services.map((name) => host.start(name)))));
    expect(running).toHaveLength(services.length);
  }, 180_000);

  test('the collector takes events from who holds a token, and from nobody else', async () => {
    const url = `${addressOf('collector')}/v1/ingest`;
    const now = Date.now();
    const lines = Array.from({ length: eventsTotal }, (_, i) =>
      JSON.stringify({ id: `e${i}`, time: now - i * 1000, source: `agent-${i % 20}`, destination: 'store' }),
    );
    const body = `${lines.join('\n')}\n`;
    const { ca } = host;
    expect((await call(url, { ca, body })).status).toBe(401);
    expect((await call(url, { ca, body, token: host.tokens.read })).status).toBe(403);
    const answer = await call(url, { ca, body, token: host.tokens.ingest });
    expect(answer).toMatchObject({ status: 200 });
    expect(JSON.parse(answer.body)).toMatchObject({ accepted: eventsTotal, rejected: 0 });
  });

  test('the events reach the store, and the API shows them to who may read', async () => {
    const url = `${addressOf('api')}/api/v1/events?limit=1000`;
    const { ca } = host;
    expect((await call(url, { ca })).status).toBe(401);
    await until(async () => {
      const { status, body } = await call(url, { ca, token: host.tokens.read });
      return status === 200 && JSON.parse(body).items.length === eventsTotal;
    }, `${eventsTotal} events in the API`);
  }, 60_000);

  test('an alert in the log reaches the webhook', async () => {
    const log = await openOwnLog();
    await appendAlerts(log, [anAlert()]);
    // Others may arrive before it: the refused calls above are worth an alert themselves.
    const isTold = () => receiver.received.some(({ body }) => JSON.parse(body).data.id === 'alert-1');
    await until(isTold, 'the alert at the webhook');
    await log.close();
  }, 60_000);

  test('on SIGTERM every service ends with 0 within ten seconds', async () => {
    const startedAt = Date.now();
    const codes = await Promise.all(running.map((service) => service.end('SIGTERM')));
    expect(codes).toEqual(services.map(() => 0));
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  }, 60_000);
});
