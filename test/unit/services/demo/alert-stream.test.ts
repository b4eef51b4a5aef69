import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Alert } from '#shared/alert.ts';
import type { Stop } from '#shared/lifecycle.ts';
import { eventData, openAlerts } from '../../../../services/demo/alert-stream.ts';
import { anAlert } from '../../../support/alert.ts';

let stop: Stop = async () => {};
afterEach(() => stop());

async function* chunks(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

async function read(...texts: readonly string[]): Promise<readonly string[]> {
  const events: string[] = [];
  for await (const data of eventData(chunks(...texts))) events.push(data);
  return events;
}

test.each([
  [['data: a\n\ndata: b\n\n'], ['a', 'b']],
  [['id: 1\nevent: alert\ndata:{"x":1}\n\n'], ['{"x":1}']],
  [['da', 'ta: a\r', '\n\r\n'], ['a']],
  [['data: a\ndata:  b\n\n'], ['a\n b']],
  [[': heartbeat\n\nretry: 1000\n\n'], []],
  [['data: unfinished'], []],
])('a stream of %j holds %j', async (texts, expected) => {
  expect(await read(...texts)).toEqual(expected);
});

test('a line without end is refused', async () => {
  await expect(read('x'.repeat(1_000_001))).rejects.toThrow('1000000 characters');
});

async function serve(answer: (response: ServerResponse, token: string) => void): Promise<string> {
  const server = createServer((request, response) => answer(response, String(request.headers.authorization)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('alerts are handed on as they come, until the signal ends it', async () => {
  const url = await serve((response, token) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(anAlert({ title: token }))}\n\n`);
  });
  const ending = new AbortController();
  const seen: Alert[] = [];
  const { ended } = await openAlerts({
    url,
    token: 'secret',
    signal: ending.signal,
    onAlert: (alert) => {
      seen.push(alert);
      ending.abort();
    },
  });
  await ended;
  expect(seen).toEqual([anAlert({ title: 'Bearer secret' })]);
});

test('a refusal of the API is told with what it says', async () => {
  const url = await serve((response) => response.writeHead(401).end('no token'));
  const signal = AbortSignal.timeout(10_000);
  const following = openAlerts({ url, token: 'wrong', signal, onAlert: () => {} });
  await expect(following).rejects.toThrow('/api/v1/alerts/stream said 401 no token');
});

test('a stream that ends by itself is told of', async () => {
  const url = await serve((response) => response.writeHead(200).end('data: {}\n\n'));
  const { signal } = new AbortController();
  const { ended } = await openAlerts({ url, token: 't', signal, onAlert: () => {} });
  await expect(ended).rejects.toThrow('the stream of alerts ended');
});
