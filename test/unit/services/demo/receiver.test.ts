import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { type Arrived, type DemoReceiver, startDemoReceiver } from '../../../../services/demo/receiver.ts';
import { anAlert } from '../../../support/alert.ts';
import { testSecret as secret } from '../../../support/notifier.ts';

let receiver: DemoReceiver;
let arrived: Arrived[];
beforeEach(async () => {
  arrived = [];
  receiver = await startDemoReceiver({ secret, clock: systemClock, onWebhook: (one) => arrived.push(one) });
});
afterEach(() => receiver.stop());

const body = JSON.stringify({ type: 'anomaly.alert.created', data: anAlert() });

async function post(text: string, signature: string): Promise<number> {
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': signature,
  };
  const { status } = await fetch(receiver.url, { method: 'POST', headers, body: text });
  return status;
}

test('a message that an independent implementation signed is genuine', async () => {
  const signature = new Webhook(secret).sign('msg_1', new Date(), body);
  expect(await post(body, signature)).toBe(204);
  const { title } = anAlert();
  const expected = { id: 'msg_1', type: 'anomaly.alert.created', alert: 'alert-1', title, isGenuine: true };
  expect(arrived).toEqual([expected]);
});

test('a forged message is refused, and not a word of it is believed', async () => {
  expect(await post(body, 'v1,AAAA')).toBe(401);
  expect(arrived).toEqual([{ id: 'msg_1', type: 'unknown', alert: '', title: '', isGenuine: false }]);
});

test('a message without end is refused', async () => {
  expect(await post('x'.repeat(70_000), 'v1,AAAA')).toBe(413);
  expect(arrived).toEqual([]);
});
