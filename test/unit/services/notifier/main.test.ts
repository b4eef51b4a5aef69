import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '#shared/clock.ts';
import { systemClock } from '#shared/clock.ts';
import { anAlert } from '../../../support/alert.ts';
import { type NotifierBench, testSecret as secret, startNotifierBench } from '../../../support/notifier.ts';
import { type Receiver, startReceiver, until } from '../../../support/receiver.ts';

let bench: NotifierBench;
let receiver: Receiver;
beforeEach(async () => {
  bench = await startNotifierBench();
  receiver = await startReceiver({ kind: 'answer', status: 200 });
});
afterEach(async () => {
  await bench.close();
  await receiver.close();
  expect(bench.failures).toEqual([]);
});

const soc = () => ({ name: 'soc', url: receiver.url, secret });
const idsAt = (at: Receiver) => at.received.map(({ headers }) => headers['webhook-id']);
const bodiesAt = (at: Receiver) => at.received.map(({ body }) => JSON.parse(body));
const states = async (target: string) => (await bench.deliveries(target)).map(({ state }) => state);
/** The machine's clock, with every wait of the notifier a hundred times shorter. */
const fast: Clock = { now: systemClock.now, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) };

test('an alert arrives signed, and the delivery log says so', async () => {
  const stop = await bench.start({ webhooks: [soc()] });
  await bench.append(anAlert());
  await receiver.arrived(1);
  const [request] = receiver.received;
  const headers = request?.headers as Record<string, string>;
  expect(new Webhook(secret).verify(request?.body ?? '', headers)).toMatchObject({
    type: 'anomaly.alert.created',
    data: anAlert(),
  });
  await until(async () => (await states('soc'))[0] === 'delivered', 'the record of the delivery');
  const [delivery] = await bench.deliveries('soc');
  expect(delivery).toMatchObject({ id: headers['webhook-id'], attempt: 1, status: 200, alert: 'alert-1' });
  expect(delivery?.notification).toBeUndefined();
  await stop();
});

test('news about an alert follows it, in order; revisions without news are not told', async () => {
  const stop = await bench.start({ webhooks: [soc()] });
  await bench.append(
    anAlert(),
    anAlert({ revision: 2, signals: 2 }),
    anAlert({ revision: 3, severity: 90 }),
    anAlert({ revision: 4, severity: 90, status: 'resolved' }),
    anAlert({ revision: 4, severity: 90, status: 'resolved' }),
  );
  await receiver.arrived(3);
  expect(bodiesAt(receiver).map(({ type, data }) => [type, data.revision])).toEqual([
    ['anomaly.alert.created', 1],
    ['anomaly.alert.updated', 3],
    ['anomaly.alert.updated', 4],
  ]);
  await stop();
});

test('a target hears only of what its settings let through', async () => {
  const stop = await bench.start({ webhooks: [{ ...soc(), severity_min: 80, updates: false }] });
  await bench.append(
    anAlert({ id: 'low', severity: 20 }),
    anAlert({ id: 'high', severity: 80 }),
    anAlert({ id: 'high', severity: 80, revision: 2, status: 'resolved' }),
    anAlert({ id: 'end', severity: 99 }),
  );
  await receiver.arrived(2);
  expect(
    bodiesAt(receiver)
      .map(({ data }) => data.id)
      .sort(),
  ).toEqual(['end', 'high']);
  await stop();
});

test('a silence that was decided before the start keeps its alerts back', async () => {
  const body = { agent: 'batch', from: 0, until: Date.now() + 3_600_000 };
  const decision = { id: 'd', kind: 'silence', time: 0, space: 'default', by: 'ana', reason: 'known', body };
  const record = { key: 'silence/1', value: JSON.stringify({ ...decision, key: 'silence/1' }) };
  await bench.log.append('decisions', [record]);
  await bench.append(anAlert({ id: 'muted', agent: 'batch' }), anAlert({ id: 'told' }));
  const stop = await bench.start({ webhooks: [soc()] });
  await receiver.arrived(1);
  await bench.log.append('decisions', [{ key: 'silence/1', value: null }]);
  await until(async () => {
    await bench.append(anAlert({ id: 'again', agent: 'batch' }));
    return receiver.received.length > 1;
  }, 'an alert after the silence was taken back');
  expect(bodiesAt(receiver).map(({ data }) => data.id)).toEqual(['told', 'again']);
  await stop();
});

test('a dead receiver and one that hangs hold up nobody else', async () => {
  const hanging = await startReceiver({ kind: 'hang' });
  const dead = await startReceiver({ kind: 'answer', status: 200 });
  await dead.close();
  const stop = await bench.start({
    pending_max: 5,
    webhooks: [{ name: 'hanging', url: hanging.url, secret }, { name: 'dead', url: dead.url, secret }, soc()],
  });
  const alerts = Array.from({ length: 300 }, (_, i) => anAlert({ id: `alert-${i}` }));
  for (let from = 0; from < 300; from += 100) await bench.append(...alerts.slice(from, from + 100));
  await receiver.arrived(300);
  expect(new Set(idsAt(receiver)).size).toBe(300);
  // The queue of the dead one is bounded: a batch beyond its limit, the rest waits in the log.
  expect((await bench.deliveries('dead')).length).toBeLessThanOrEqual(105);
  await stop();
  await hanging.close();
}, 60_000);

test('a receiver that comes back hears of everything, each under the id of its first attempt', async () => {
  receiver.behaviour = { kind: 'answer', status: 500 };
  const stop = await bench.start({ webhooks: [soc()] }, fast);
  await bench.append(
    anAlert({ id: 'a' }),
    anAlert({ id: 'b' }),
    anAlert({ id: 'b', revision: 2, severity: 99 }),
  );
  await receiver.arrived(2);
  const firstIds = new Set(idsAt(receiver));
  await stop();
  receiver.behaviour = { kind: 'answer', status: 200 };
  // Five seconds are passed over: the failed messages are due at once.
  const later: Clock = { now: () => Date.now() + 10_000, sleep: fast.sleep };
  const stopAgain = await bench.start({ webhooks: [soc()] }, later);
  await until(async () => {
    const now = await states('soc');
    return now.length === 3 && now.every((state) => state === 'delivered');
  }, 'three delivered messages');
  const told = bodiesAt(receiver)
    .slice(-3)
    .filter(({ data }) => data.id === 'b');
  expect(told.map(({ data }) => data.revision)).toEqual([1, 2]);
  expect(idsAt(receiver).slice(-3)).toEqual(expect.arrayContaining([...firstIds]));
  await stopAgain();
});

test('a restart repeats nothing that was delivered, even where the offset was lost', async () => {
  const stop = await bench.start({ webhooks: [soc()] });
  await bench.append(anAlert({ id: 'a' }), anAlert({ id: 'b' }));
  await until(
    async () => (await states('soc')).filter((s) => s === 'delivered').length === 2,
    'two deliveries',
  );
  await stop();
  // The same alerts again, as a reader without its committed offset would see them.
  await bench.append(anAlert({ id: 'a' }), anAlert({ id: 'b' }), anAlert({ id: 'c' }));
  const stopAgain = await bench.start({ webhooks: [soc()] });
  await receiver.arrived(3);
  expect(
    bodiesAt(receiver)
      .map(({ data }) => data.id)
      .sort(),
  ).toEqual(['a', 'b', 'c']);
  await stopAgain();
});

test('a receiver that says 410 is not called again before the next start', async () => {
  receiver.behaviour = { kind: 'answer', status: 410 };
  const stop = await bench.start({ webhooks: [{ ...soc() }], in_flight_max: 1 });
  await bench.append(anAlert({ id: 'a' }), anAlert({ id: 'b' }));
  await until(async () => (await states('soc')).includes('gave_up'), 'the end of the attempts');
  await stop();
  expect(receiver.received).toHaveLength(1);
  receiver.behaviour = { kind: 'answer', status: 200 };
  const stopAgain = await bench.start({ webhooks: [soc()] });
  await until(async () => (await states('soc')).includes('delivered'), 'the waiting message');
  expect(await states('soc')).toEqual(['gave_up', 'delivered']);
  await stopAgain();
});

test('a receiver that asks to be left alone is left alone by every message', async () => {
  receiver.behaviour = { kind: 'answer', status: 429, headers: { 'retry-after': '3600' } };
  const stop = await bench.start({ webhooks: [soc()], in_flight_max: 1 });
  await bench.append(anAlert({ id: 'a' }), anAlert({ id: 'b' }));
  await until(async () => (await states('soc')).includes('failed'), 'the record of the refusal');
  const [delivery] = await bench.deliveries('soc');
  expect((delivery?.next_attempt_at ?? 0) - (delivery?.time ?? 0)).toBeGreaterThanOrEqual(3_600_000);
  await stop();
  expect(receiver.received).toHaveLength(1);
});

test('a record that is no alert is passed over', async () => {
  await bench.log.append('alerts', [
    { key: 'default', value: 'not json' },
    { key: 'default', value: '{}' },
  ]);
  const stop = await bench.start({ webhooks: [soc()] });
  await bench.append(anAlert());
  await receiver.arrived(1);
  await stop();
});

test('two targets of the same name are refused', async () => {
  await expect(bench.start({ webhooks: [soc(), soc()] })).rejects.toThrow('two targets are called "soc"');
});

test('without a target there is nothing to do and nothing is read', async () => {
  await bench.append(anAlert());
  const stop = await bench.start({ webhooks: [] });
  await stop();
  expect(await bench.log.lag('notifier.soc', 'alerts')).toBe(1);
  expect(receiver.received).toHaveLength(0);
});
