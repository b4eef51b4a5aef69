import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '#shared/clock.ts';

/** One request as a receiver got it. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

/** What a receiver does with a request: answers with a status (and headers), hangs, or resets the connection. */
export type Behaviour =
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' };

/** A real HTTP receiver on loopback, whose behaviour a test sets and whose requests it reads. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  behaviour: Behaviour;
  /** Resolves when so many requests have arrived; rejects after a minute. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

const arrivedMsMax = 60_000;

/** @param port 0 takes a free one */
export async function startReceiver(behaviour: Behaviour, port = 0): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => (body += text));
    request.on('error', () => {}); // a sender may give up at any time
    request.on('end', () => {
      received.push({ headers: request.headers, body, path: request.url ?? '' });
      const now = receiver.behaviour;
      if (now.kind === 'reset') request.socket.resetAndDestroy();
      else if (now.kind === 'answer') response.writeHead(now.status, now.headers).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    behaviour,
    arrived: (count) => until(() => received.length >= count, `${count} requests at the receiver`),
    close: () => close(server),
  };
  return receiver;
}

/** Resolves when the condition holds; rejects, naming what was waited for, after a minute. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + arrivedMsMax;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${arrivedMsMax} ms in vain for ${what}`);
    await systemClock.sleep(20);
  }
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
