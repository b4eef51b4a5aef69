import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Judgement, judges } from '../../support/golden-judgement.ts';
import {
  connectGolden,
  type GoldenClient,
  type GoldenExchange,
  type GoldenReply,
  readGoldenClients,
} from '../../support/golden-requests.ts';
import { distinctIds, type ShipperScene, startShipperScene } from '../../support/shipper-scene.ts';
import { waitUntil } from '../../support/wait-until.ts';

// Clients that cannot be installed here: their requests, byte for byte as their sources make them, over a bare socket.
const clients = readGoldenClients();
const overHttp = clients.filter(({ kind }) => kind !== 'fluent-bit-forward');
const sentAt = Date.UTC(2025, 0, 1, 0, 0, 0, 123);

let scene: ShipperScene;
beforeAll(async () => {
  scene = await startShipperScene();
});
afterAll(() => scene.stop());

const eventsOf = async ({ name }: GoldenClient) =>
  (await scene.collector.events()).filter(({ source }) => source.replace(/-\d+$/, '') === name);
const httpPort = () => Number(new URL(scene.collector.address).port);

/** Sends everything that the client sends; the last exchange is the one with the records. */
async function replay(client: GoldenClient): Promise<readonly GoldenReply[]> {
  const connection = await connectGolden(httpPort());
  const replies: GoldenReply[] = [];
  for (const exchange of client.exchanges) replies.push(await connection.exchange(exchange));
  connection.close();
  return replies;
}

function expectReply(reply: GoldenReply | undefined, exchange: GoldenExchange): void {
  const [status, ...rest] = exchange.reply;
  expect(String(reply?.status)).toBe(status);
  for (const line of rest) {
    const isHeader = /^[A-Z][\w-]+: /.test(String(line));
    if (isHeader) expect(reply?.head.toLowerCase().split('\r\n')).toContain(String(line).toLowerCase());
    else expect(reply?.body.toString('utf8')).toContain(line);
  }
}

function judged(client: GoldenClient, replies: readonly GoldenReply[]): Judgement | undefined {
  const last = replies.at(-1);
  return last === undefined ? undefined : judges[client.kind]?.(last, client.events);
}

test('every client is covered, and its file says from which source it was written', () => {
  const kinds = new Set(clients.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual([...Object.keys(judges), 'fluent-bit-forward'].sort());
  for (const { source, exchanges, events } of clients) {
    expect(source).toMatch(/ at [0-9a-f]{7}/);
    expect(exchanges.length * events).toBeGreaterThan(0);
  }
});

describe.each(overHttp)('$client', (client) => {
  test.each(['LOG_FULL', 'LOG_UNAVAILABLE'] as const)(
    'keeps its records while the log says %s',
    async (code) => {
      scene.gate.shut(code);
      const replies = await replay(client).finally(() => scene.gate.open());
      expect(judged(client, replies)).toBe('sent again');
      expect(replies.at(-1)?.head).toMatch(/^retry-after: \d+$/im);
      expect(await eventsOf(client)).toEqual([]);
    },
  );

  test('hears what it needs at each step, and every record arrives once', async () => {
    const replies = await replay(client);
    for (const [at, exchange] of client.exchanges.entries()) expectReply(replies[at], exchange);
    expect(judged(client, replies)).toBe('delivered');
    const events = await eventsOf(client);
    expect(events.map(({ source }) => source).sort()).toEqual([`${client.name}-1`, `${client.name}-2`]);
    for (const event of events) {
      expect(event).toMatchObject({ time: sentAt, destination: 'orders', action: 'GET /orders/{id}' });
    }
  });

  test('may send again what it got no answer for', async () => {
    await replay(client);
    const events = await eventsOf(client);
    expect(events.length).toBeGreaterThan(client.events);
    expect(distinctIds(events)).toBe(client.events);
  });
});

describe('Fluent Bit, output forward', () => {
  const client = clients.find(({ kind }) => kind === 'fluent-bit-forward');

  test('is acknowledged when its records are durable, and not before', async () => {
    const [exchange] = client?.exchanges ?? [];
    const [ack] = exchange?.reply ?? [];
    if (client === undefined || exchange === undefined || !Buffer.isBuffer(ack))
      throw new Error('no golden file');
    scene.gate.shut('LOG_FULL');
    const connection = await connectGolden(scene.ports.forward);
    let isAnswered = false;
    const answer = connection.exchangeBytes(exchange, ack.length).finally(() => {
      isAnswered = true;
    });
    await waitUntil('the log refused it', async () => scene.gate.refused() > 0);
    expect(isAnswered).toBe(false);
    scene.gate.open();
    expect(await answer).toEqual(ack);
    expect(await eventsOf(client)).toHaveLength(client.events);
    expect(await connection.exchangeBytes(exchange, ack.length)).toEqual(ack);
    expect(distinctIds(await eventsOf(client))).toBe(client.events);
    connection.close();
  });
});
