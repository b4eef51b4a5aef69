import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '#shared/clock.ts';
import type { Stop } from '#shared/lifecycle.ts';
import { verifyWebhook } from '#shared/webhook-signature.ts';

/** A webhook that arrived. */
export interface Arrived {
  readonly id: string;
  readonly type: string;
  /** Id of the alert that it tells of. */
  readonly alert: string;
  readonly title: string;
  readonly isGenuine: boolean;
}

export interface DemoReceiver {
  readonly url: string;
  readonly stop: Stop;
}

const bodyBytesMax = 65_536; // three times what the specification allows a sender

/** What an operator's own receiver would be: checks each signature before it believes a word. */
export async function startDemoReceiver(options: {
  readonly secret: string;
  readonly clock: Clock;
  readonly onWebhook: (arrived: Arrived) => void;
}): Promise<DemoReceiver> {
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    if (body === undefined) {
      response.writeHead(413).end();
      return;
    }
    const arrived = openWebhook(request, body, options.secret, options.clock.now());
    options.onWebhook(arrived);
    response.writeHead(arrived.isGenuine ? 204 : 401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/amiss`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** `undefined` where the body is too long, or the sender went away. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function openWebhook({ headers }: IncomingMessage, body: string, secret: string, now: number): Arrived {
  const id = String(headers['webhook-id']);
  const content = { id, timestampSeconds: Number(headers['webhook-timestamp']), body };
  const isGenuine = verifyWebhook(content, String(headers['webhook-signature']), secret, now);
  if (!isGenuine) return { id, type: 'unknown', alert: '', title: '', isGenuine };
  const { type, data } = JSON.parse(body) as { type: string; data: { id: string; title: string } };
  return { id, type, alert: data.id, title: data.title, isGenuine };
}
