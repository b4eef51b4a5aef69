import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { startAmiss } from '../../support/amiss-process.ts';
import { send } from './load.ts';

export interface Latency {
  /** Webhooks of planted calls that arrived. */
  readonly arrived: number;
  readonly planted: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const hourMs = 3_600_000;
const warmUpMs = 10_000;
const plantedCalls = 100;
const plantEveryMs = 200;
const eventsPerTick = 250;
const settleMs = 15_000;

/**
 * From the moment at which a call with an expired token is sent to the moment at which its signed webhook arrives,
 * while ordinary calls flow at a steady rate.
 *
 * @param rate ordinary events a second
 */
export async function webhookLatency(rate: number): Promise<Latency> {
  const sentAt = new Map<string, number>();
  const took = new Map<string, number>();
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.writeHead(200).end();
      for (const [agent, at] of sentAt) {
        if (!took.has(agent) && body.includes(`"agent":"${agent}"`)) took.set(agent, performance.now() - at);
      }
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const secret = `whsec_${Buffer.from('a key of the benchmark, 32 bytes').toString('base64')}`;
  const amiss = await startAmiss({
    command: 'up',
    environment: {
      AMISS_NOTIFIER_WEBHOOKS: JSON.stringify([{ name: 'bench', url: hook, secret }]),
      AMISS_NOTIFIER_ALLOW_ADDRESSES: '127.0.0.1',
      AMISS_SCORER_ALERTS_PER_DAY: '100000',
    },
  });
  const flowing = new AbortController();
  const flow = keepFlowing(amiss.url, rate, flowing.signal);
  await pause(warmUpMs);
  for (let i = 0; i < plantedCalls; i += 1) {
    const agent = `intruder-${String(i).padStart(3, '0')}`;
    sentAt.set(agent, performance.now());
    await send(amiss.url, plantedCall(agent));
    await pause(plantEveryMs);
  }
  await pause(settleMs);
  flowing.abort();
  await flow;
  await amiss.end('SIGTERM');
  receiver.close();
  const sorted = [...took.values()].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { arrived: sorted.length, planted: plantedCalls, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** A call with a token that expired an hour ago, between two agents that nobody else talks to: an alert of its own. */
function plantedCall(agent: string): Buffer {
  const time = Date.now();
  const token = { token_id: agent, token_issued_at: time - 2 * hourMs, token_expires_at: time - hourMs };
  const call = { time, source: agent, destination: `vault-of-${agent}`, action: 'GET /admin', ...token };
  return Buffer.from(`${JSON.stringify(call)}\n`);
}

async function keepFlowing(url: string, rate: number, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  let sent = 0;
  while (!signal.aborted) {
    const due = ((performance.now() - startedAt) / 1000) * rate;
    if (sent > due) {
      await pause(((sent - due) / rate) * 1000);
      continue;
    }
    const lines = Array.from({ length: eventsPerTick }, (_, i) => ordinaryCall(sent + i));
    await send(url, Buffer.from(lines.join('')));
    sent += eventsPerTick;
  }
}

function ordinaryCall(n: number): string {
  const source = `service-${n % 50}`;
  const destination = `service-${(n + 1) % 50}`;
  return `{"time":${Date.now()},"source":"${source}","destination":"${destination}","action":"GET /orders"}\n`;
}
