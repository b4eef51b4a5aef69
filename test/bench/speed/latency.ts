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

const warmUpMs = 20_000;
const plantedCalls = 100;
const plantEveryMs = 200;
const eventsPerTick = 250;
const settleMs = 15_000;

/**
 * From the moment at which a call is sent that no agent has ever made to the moment at which its signed webhook
 * arrives, while ordinary calls flow at a steady rate.
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
        if (!took.has(agent) && body.includes(`"${agent}"`)) took.set(agent, performance.now() - at);
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

/** A burst of calls between agents that have never been seen with each other. */
function plantedCall(agent: string): Buffer {
  const call = { time: Date.now(), source: agent, destination: 'service-0', action: 'GET /admin' };
  return Buffer.from(`${JSON.stringify(call)}\n`.repeat(40));
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
