import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { AmissProcess } from '../../support/amiss-process.ts';

const connections = 4;
const settleMsMax = 600_000;
const lookEveryMs = 50;

/** Sends every body over a few connections, as fast as they are taken; a 429 or 503 waits and repeats. */
export async function sendAll(url: string, bodies: readonly Buffer[]): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < bodies.length) {
      const body = bodies[next];
      next += 1;
      if (body !== undefined) await send(url, body);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
}

/** Sends one body until it is taken. */
export async function send(url: string, body: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson' };
  for (;;) {
    const response = await fetch(`${url}/v1/ingest`, { method: 'POST', headers, body: new Uint8Array(body) });
    const text = await response.text();
    if (response.ok) return;
    if (response.status !== 429 && response.status !== 503) throw new Error(`${response.status} ${text}`);
    await pause(200);
  }
}

interface Status {
  readonly services: readonly {
    readonly service: string;
    readonly lag: Readonly<Record<string, number | null>>;
  }[];
}

/** Resolves when every event has been scored and is a row. */
export async function untilDrained(amiss: AmissProcess): Promise<void> {
  const deadline = Date.now() + settleMsMax;
  while (Date.now() < deadline) {
    const { services } = await amiss.api<Status>('/status');
    const behind = services.filter(({ service }) => service === 'scorer' || service === 'recorder');
    if (behind.length === 2 && behind.every(({ lag }) => (lag['events'] ?? 1) === 0)) return;
    await pause(lookEveryMs);
  }
  throw new Error(`not drained after ${settleMsMax} ms`);
}

/** The most memory that a process has held, bytes, as Linux counts it. */
export function peakMemoryBytes(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}
