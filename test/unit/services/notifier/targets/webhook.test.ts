import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAddressGuard } from '../../../../../services/notifier/address-guard.ts';
import { createHttpSender, type HttpSender } from '../../../../../services/notifier/http-sender.ts';
import { webhook } from '../../../../../services/notifier/targets/webhook.ts';
import { anAlert } from '../../../../support/alert.ts';
import { type Receiver, startReceiver } from '../../../../support/receiver.ts';

const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const old = `whsec_${Buffer.alloc(24, 2).toString('base64')}`;
const options = { name: 'soc', secret };
const notification = { id: 'msg_1', type: 'anomaly.alert.created', alert: anAlert() } as const;

let receiver: Receiver;
let http: HttpSender;
beforeAll(() => {
  http = createHttpSender({
    guard: createAddressGuard(['127.0.0.1']),
    now: () => 0,
    connectionsMax: 1,
    ca: undefined,
  });
});
beforeEach(async () => {
  receiver = await startReceiver({ kind: 'answer', status: 200 });
  return receiver.close;
});
afterAll(() => http.close());

function make(settings: Partial<Parameters<typeof webhook.create>[0]> = {}, times: number[] = [Date.now()]) {
  const whole = { url: `${receiver.url}?a=b`, ...options, ...settings };
  const target = webhook.create(whole, { http, now: () => times.shift() ?? 0 });
  return { deliver: () => target.deliver(notification, AbortSignal.timeout(10_000)) };
}

test('the body names what happened, when, and the alert', async () => {
  await make().deliver();
  const [message] = receiver.received;
  expect(message?.path).toBe('/hook?a=b');
  expect(message?.headers['content-type']).toBe('application/json');
  expect(JSON.parse(message?.body ?? '')).toEqual({
    type: 'anomaly.alert.created',
    timestamp: '2023-11-14T22:14:20.000Z',
    data: anAlert(),
  });
});

test('a second attempt has the same id and body, and its own time and signature', async () => {
  const { deliver } = make({}, [1_700_000_000_999, 1_700_000_007_000]);
  await deliver();
  await deliver();
  const [first, second] = receiver.received;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers['webhook-id']).toBe('msg_1');
  expect([first, second].map((one) => one?.headers['webhook-timestamp'])).toEqual([
    '1700000000',
    '1700000007',
  ]);
  expect(second?.headers['webhook-signature']).not.toBe(first?.headers['webhook-signature']);
});

test('while secrets are changed over, a receiver with either accepts', async () => {
  await make({ old_secrets: [old] }).deliver();
  const [message] = receiver.received;
  const headers = message?.headers as Record<string, string>;
  for (const key of [secret, old]) {
    expect(() => new Webhook(key).verify(message?.body ?? '', headers)).not.toThrow();
  }
});

test.each([
  ['ftp://hooks.example.org', 'begins with https://'],
  ['hooks.example.org/x', 'begins with https://'],
  ['http://hooks.example.org/x', 'plain HTTP'],
  ['https://user:pass@hooks.example.org/', 'user name or password'],
  ['https://10.0.0.1/', 'not a public address'],
  ['https://[fd00::1]/', 'not a public address'],
])('the url %s is refused with its reason', (url, reason) => {
  expect(() => make({ url })).toThrow(reason);
});

test('plain HTTP to another host is sent only where the operator says so', () => {
  expect(() => make({ url: 'http://hooks.example.org/x', allow_http: true })).not.toThrow();
});

test('no refusal repeats a secret', () => {
  expect(() => make({ url: 'http://x' })).toThrow(expect.not.stringContaining(secret));
});
