import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import type { EventLog } from '#shared/log/log.ts';
import { seededRandom } from '#shared/random.ts';
import { readDeliveries } from '../../services/notifier/records.ts';
import { anAlert } from '../support/alert.ts';
import { appendAlerts, openNotifierLog } from '../support/notifier.ts';
import { type Receiver, startReceiver, until } from '../support/receiver.ts';

// The notifier as a process, killed with SIGKILL while it works: what the delivery log and the stable ids are for.
const program = new URL('../support/notifier-process.ts', import.meta.url).pathname;
const running = new Set<ChildProcess>();

let folder: string;
let log: EventLog;
let receiver: Receiver;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amiss-kill-'));
  log = await openNotifierLog(folder, systemClock);
  receiver = await startReceiver({ kind: 'answer', status: 200 });
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  await log.close();
  await receiver.close();
  await rm(folder, { recursive: true, force: true });
});

function startProcess(): ChildProcess {
  const child = spawn(process.execPath, [program, folder, receiver.url], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = await exited;
  return code;
}

const delivered = async () => {
  const records = await readDeliveries(log, 'deliveries', () => true);
  return records.filter(({ state }) => state === 'delivered').length;
};

test('killed again and again, every alert arrives, and a repeat has the same id and body', async () => {
  const seed = 20261123;
  const random = seededRandom(seed);
  const total = 600;
  for (let round = 0; round < 6; round += 1) {
    const alerts = Array.from({ length: 100 }, (_, i) => anAlert({ id: `alert-${round * 100 + i}` }));
    await appendAlerts(log, alerts);
    const before = receiver.received.length;
    const child = startProcess();
    await receiver.arrived(before + 1 + Math.floor(random.next() * 60));
    await kill(child, 'SIGKILL');
  }
  startProcess();
  await until(async () => (await delivered()) === total, `${total} deliveries (seed=${seed})`);
  const bodies = new Map<string, Set<string>>();
  for (const { headers, body } of receiver.received) {
    const id = String(headers['webhook-id']);
    bodies.set(id, (bodies.get(id) ?? new Set()).add(body));
  }
  expect(bodies.size).toBe(total);
  expect([...bodies.values()].every((texts) => texts.size === 1)).toBe(true);
  const alerts = new Set(receiver.received.map(({ body }) => JSON.parse(body).data.id));
  expect(alerts.size).toBe(total);
  // Only what was under way at a kill comes twice: four at once, six kills.
  expect(receiver.received.length).toBeLessThanOrEqual(total + 6 * 4);
}, 120_000);

test('an attempt that was cut off by a kill is made again under the same id', async () => {
  receiver.behaviour = { kind: 'hang' };
  const child = startProcess();
  await appendAlerts(log, [anAlert()]);
  await receiver.arrived(1);
  await kill(child, 'SIGKILL');
  receiver.behaviour = { kind: 'answer', status: 200 };
  startProcess();
  await until(async () => (await delivered()) === 1, 'the delivery');
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
}, 120_000);

test('of two notifiers one tells an alert, and when it is killed the other goes on', async () => {
  const first = startProcess();
  await appendAlerts(log, [anAlert({ id: 'first' })]);
  await receiver.arrived(1);
  startProcess();
  receiver.behaviour = { kind: 'hang' };
  await appendAlerts(log, [anAlert({ id: 'second' })]);
  await receiver.arrived(2);
  await kill(first, 'SIGKILL');
  receiver.behaviour = { kind: 'answer', status: 200 };
  await until(async () => (await delivered()) === 2, 'the delivery by the other');
  const told = receiver.received.map(({ body }) => JSON.parse(body).data.id);
  expect(told).toEqual(['first', 'second', 'second']);
}, 120_000);

test('a stop lets the attempt under way end, and the process ends with 0', async () => {
  const child = startProcess();
  await appendAlerts(log, [anAlert()]);
  await receiver.arrived(1);
  expect(await kill(child, 'SIGTERM')).toBe(0);
  expect(await delivered()).toBe(1);
}, 120_000);
