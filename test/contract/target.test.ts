import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAddressGuard } from '../../services/notifier/address-guard.ts';
import { createHttpSender, type HttpSender } from '../../services/notifier/http-sender.ts';
import type { Notification } from '../../services/notifier/notification.ts';
import { targetKinds } from '../../services/notifier/targets/index.ts';
import type { Target, TargetTools } from '../../services/notifier/targets/target.ts';
import { webhook } from '../../services/notifier/targets/webhook.ts';
import { anAlert } from '../support/alert.ts';
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts';

// What every kind of target must do with every kind of receiver. A new kind adds how it is made for a receiver, and
// how an independent implementation of its protocol reads what it sent.
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const cases: Record<
  string,
  { make: (url: string, tools: TargetTools) => Target; read: (r: Received) => unknown }
> = {
  webhook: {
    make: (url, tools) => webhook.create({ name: 'soc', url, secret }, tools),
    read: ({ body, headers }) => new Webhook(secret).verify(body, headers as Record<string, string>),
  },
};

const notification: Notification = { id: 'msg_1', type: 'anomaly.alert.created', alert: anAlert() };

test('every kind of target is in the suite', () => {
  expect(Object.keys(cases)).toEqual(targetKinds.map((kind) => kind.name));
});

describe.each(Object.entries(cases))('a target of kind %s', (_name, { make, read }) => {
  let receiver: Receiver;
  let http: HttpSender;
  let target: Target;
  const deliver = () => target.deliver(notification, AbortSignal.timeout(10_000));

  beforeEach(async () => {
    receiver = await startReceiver({ kind: 'answer', status: 200 });
    http = createHttpSender({
      guard: createAddressGuard(['127.0.0.0/8']),
      now: () => Date.now(),
      connectionsMax: 2,
      ca: undefined,
    });
    target = make(receiver.url, { http, now: () => Date.now() });
  });

  afterEach(async () => {
    await http.close();
    await receiver.close();
  });

  test.each([200, 201, 202, 204])('has delivered when the receiver answers %i', async (status) => {
    receiver.behaviour = { kind: 'answer', status };
    expect(await deliver()).toEqual({ ok: true, status });
    expect(receiver.received).toHaveLength(1);
  });

  test('sends what an independent implementation accepts as genuine, and reads as the alert', async () => {
    await deliver();
    const [request] = receiver.received;
    expect(request && JSON.stringify(read(request))).toContain(JSON.stringify(notification.alert.sentence));
  });

  test('follows no redirect', async () => {
    const elsewhere = await startReceiver({ kind: 'answer', status: 200 });
    receiver.behaviour = { kind: 'answer', status: 302, headers: { location: elsewhere.url } };
    expect(await deliver()).toMatchObject({ ok: false, retry: true, status: 302 });
    expect(elsewhere.received).toHaveLength(0);
    await elsewhere.close();
  });

  test('asks for another attempt when the receiver fails', async () => {
    receiver.behaviour = { kind: 'answer', status: 500 };
    expect(await deliver()).toEqual({ ok: false, retry: true, status: 500, reason: 'http 500' });
  });

  test('hands on how long the receiver wants to be left alone', async () => {
    receiver.behaviour = { kind: 'answer', status: 429, headers: { 'retry-after': '7' } };
    expect(await deliver()).toMatchObject({ ok: false, retry: true, status: 429, retryAfterMs: 7_000 });
  });

  test('ends the attempts when the receiver is gone', async () => {
    receiver.behaviour = { kind: 'answer', status: 410 };
    expect(await deliver()).toMatchObject({ ok: false, retry: false, status: 410 });
  });

  test('gives up on a receiver that hangs, when the signal says so', async () => {
    receiver.behaviour = { kind: 'hang' };
    const result = await target.deliver(notification, AbortSignal.timeout(200));
    expect(result).toEqual({ ok: false, retry: true, reason: 'timed out' });
  });

  test('asks for another attempt when the connection is reset', async () => {
    receiver.behaviour = { kind: 'reset' };
    expect(await deliver()).toMatchObject({
      ok: false,
      retry: true,
      reason: expect.stringMatching(/^no answer/),
    });
  });

  test('asks for another attempt when nobody listens', async () => {
    await receiver.close();
    expect(await deliver()).toEqual({ ok: false, retry: true, reason: 'no answer: ECONNREFUSED' });
  });

  test('asks for another attempt when the answer is not HTTP', async () => {
    const noise = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume().end('SSH-2.0-OpenSSH_9.2\r\n');
    });
    await new Promise<void>((resolve) => noise.listen(0, '127.0.0.1', resolve));
    const { port } = noise.address() as AddressInfo;
    const odd = make(`http://127.0.0.1:${port}/`, { http, now: () => Date.now() });
    expect(await odd.deliver(notification, AbortSignal.timeout(10_000))).toMatchObject({
      ok: false,
      retry: true,
    });
    await new Promise((resolve) => noise.close(resolve));
  });

  test('is done with an answer that never ends', async () => {
    const drip = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const timer = setInterval(() => socket.write(`8000\r\n${'x'.repeat(0x8000)}\r\n`), 5);
      socket.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => drip.listen(0, '127.0.0.1', resolve));
    const { port } = drip.address() as AddressInfo;
    const odd = make(`http://127.0.0.1:${port}/`, { http, now: () => Date.now() });
    expect(await odd.deliver(notification, AbortSignal.timeout(10_000))).toEqual({ ok: true, status: 200 });
    await new Promise((resolve) => drip.close(resolve));
  });

  test('refuses to be made for an address that may not be called', () => {
    const strict = createHttpSender({
      guard: createAddressGuard([]),
      now: () => 0,
      connectionsMax: 1,
      ca: undefined,
    });
    const tools = { http: strict, now: () => 0 };
    expect(() => make(receiver.url, tools)).toThrow('127.0.0.1 is not a public address');
    expect(() => make('https://169.254.169.254/latest/meta-data', tools)).toThrow('not a public address');
    expect(() => make('https://2130706433/', tools)).toThrow('127.0.0.1 is not a public address');
  });
});
