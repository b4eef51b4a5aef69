import { randomBytes } from 'node:crypto';
import { Create } from 'typebox/value';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Alert } from '#shared/alert.ts';
import { systemClock } from '#shared/clock.ts';
import { type AnalystMove, type Containment, containmentOf, movedBy } from '#shared/containment.ts';
import type { Stop } from '#shared/lifecycle.ts';
import { readAll } from '#shared/log/follow.ts';
import type { EventLog } from '#shared/log/log.ts';
import { topicSpecs } from '#shared/log/topics.ts';
import { silentLogger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import { verifyWebhook } from '#shared/webhook-signature.ts';
import { startContainment } from '../../../../services/containment/main.ts';
import { type ContainmentSettings, containmentSettings } from '../../../../services/containment/settings.ts';
import { anAlert } from '../../../support/alert.ts';
import { embeddedPlace, type LogPlace } from '../../../support/logs.ts';
import { type Receiver, startReceiver } from '../../../support/receiver.ts';
import { waitUntil } from '../../../support/wait-until.ts';

const secret = `whsec_${randomBytes(32).toString('base64')}`;
const failures: unknown[] = [];
let place: LogPlace;
let log: EventLog;
let receiver: Receiver;
let stop: Stop;

beforeAll(async () => {
  receiver = await startReceiver({ kind: 'answer', status: 204 });
});
afterAll(() => receiver.close());
beforeEach(async () => {
  place = await embeddedPlace();
  log = await place.open();
  await log.ensureTopics(topicSpecs({ partitions: 1, retentionMs: 0, retentionBytes: 0 }));
  stop = await start();
});
afterEach(async () => {
  await stop();
  await log.close();
  await place.dispose();
  expect(failures).toEqual([]);
});

function start(more: Partial<ContainmentSettings> = {}): Promise<Stop> {
  const defaults = Create(containmentSettings) as ContainmentSettings;
  const context = {
    log,
    clock: systemClock,
    logger: silentLogger,
    metrics: createMetrics(),
    fail: (error: unknown) => void failures.push(error),
  };
  return startContainment(context, { ...defaults, url: receiver.url, secret, ...more });
}

async function containments(): Promise<readonly Containment[]> {
  const found: Containment[] = [];
  await readAll(log, { topic: 'decisions', partition: 0 }, ({ value }) => {
    const containment = containmentOf(JSON.parse(value.toString()));
    if (containment !== undefined) found.push(containment);
  });
  return found;
}
const newest = async (alert: string) => (await containments()).filter((one) => one.alert === alert).at(-1);
const reaches = (alert: string, state: Containment['state']) =>
  waitUntil(`${alert} is ${state}`, async () => (await newest(alert))?.state === state);
const raise = (parts: Partial<Alert>) =>
  log.append('alerts', [{ key: 'default', value: JSON.stringify(anAlert({ severity: 95, ...parts })) }]);

async function move(alert: string, to: AnalystMove): Promise<void> {
  const before = await newest(alert);
  const body = before && movedBy(before, to);
  const key = `containment/${alert}`;
  const decision = {
    id: `${alert}-${to}`,
    key,
    kind: 'containment',
    time: 1,
    space: 'default',
    by: 'ada',
    reason: '',
    body,
  };
  await log.append('decisions', [{ key, value: JSON.stringify(decision) }]);
}

const callsOf = (alert: string) =>
  receiver.received.filter(({ body }) => JSON.parse(body).data.alert === alert);

test('a severe alert is proposed, and isolated only when an analyst approves; undo releases', async () => {
  await raise({ id: 'a1' });
  await reaches('a1', 'proposed');
  expect(callsOf('a1')).toEqual([]);
  await move('a1', 'approved');
  await reaches('a1', 'active');
  await move('a1', 'undone');
  await reaches('a1', 'released');
  expect(callsOf('a1').map(({ body }) => JSON.parse(body).type)).toEqual([
    'containment.isolate',
    'containment.release',
  ]);
  const [call] = callsOf('a1');
  const header = (name: string) => String(call?.headers[name]);
  const content = {
    id: header('webhook-id'),
    timestampSeconds: Number(header('webhook-timestamp')),
    body: call?.body ?? '',
  };
  expect(verifyWebhook(content, header('webhook-signature'), secret, Date.now())).toBe(true);
});

test('an alert that is not severe, of a drill, or seen before, proposes nothing more', async () => {
  await raise({ id: 'mild', severity: 40 });
  await raise({ id: 'drilled', space: 'drill-20261123T083000' });
  await raise({ id: 'b1' });
  await raise({ id: 'b1', revision: 2 });
  await raise({ id: 'b2' });
  await reaches('b2', 'proposed');
  expect((await containments()).map((one) => one.alert)).toEqual(['b1', 'b2']);
});

test('a restart goes on where it stopped', async () => {
  await raise({ id: 'c1' });
  await reaches('c1', 'proposed');
  await stop();
  await move('c1', 'approved');
  stop = await start();
  await reaches('c1', 'active');
  expect(callsOf('c1')).toHaveLength(1);
});

test('a receiver that is down is told again, and given up in the end', async () => {
  await stop();
  stop = await start({ attempts_max: 1 });
  receiver.behaviour = { kind: 'answer', status: 503 };
  await raise({ id: 'd1' });
  await reaches('d1', 'proposed');
  await move('d1', 'approved');
  await reaches('d1', 'failed');
  expect((await newest('d1'))?.reason).toBe('http 503');
  receiver.behaviour = { kind: 'answer', status: 204 };
});
