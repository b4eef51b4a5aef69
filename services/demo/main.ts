import { randomBytes } from 'node:crypto';
import type { Alert } from '#shared/alert.ts';
import type { Clock } from '#shared/clock.ts';
import { ingestClient } from '#shared/ingest-client.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import { createProgress } from '#shared/progress.ts';
import { followAlerts } from './alert-stream.ts';
import { type Arrived, startDemoReceiver } from './receiver.ts';
import { type Attack, attackOf, type Call, readSlice, type Slice, slicePath } from './slice.ts';
import { alertLines, createTerminal, type Terminal, webhookLine } from './terminal.ts';

/** The webhook that the demo's system has to tell, as an entry of `notifier.webhooks`. */
export interface DemoWebhook {
  readonly name: string;
  readonly url: string;
  readonly secret: string;
}

/** The whole system, as the demo sees it: from outside. */
export interface DemoSystem {
  /** Base address of ingest and API. */
  readonly url: string;
  readonly token: string;
  /** Records that were taken in and are not scored yet. */
  readonly backlog: () => Promise<number>;
  readonly stop: Stop;
}

export interface DemoOptions {
  /** Starts everything on a temporary data folder, with this webhook configured and loopback allowed for it. */
  readonly startSystem: (webhook: DemoWebhook) => Promise<DemoSystem>;
  readonly clock: Clock;
  readonly out: NodeJS.WriteStream;
  /** Ends the demo early. */
  readonly signal: AbortSignal;
}

const batchCalls = 2_000;
// After the last call: how long nothing may happen before the demo is over, and how long it waits at the most.
const quietMs = 3_000;
const settleMsMax = 120_000;
const lookEveryMs = 100;

/**
 * Replays the recording through the public ingest endpoint, shows the alerts as they come and the signed webhooks
 * as they arrive, and sums up.
 *
 * @returns the exit code: 0 when there were alerts, each was told by a genuine webhook, and nothing was refused
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { clock, out, signal } = options;
  const terminal = createTerminal(out);
  const slice = await readSlice(slicePath);
  const watch = createWatch(terminal, slice, clock);
  const lifecycle = new Lifecycle();
  try {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const receiver = await startDemoReceiver({ secret, clock, onWebhook: watch.onWebhook });
    lifecycle.defer(receiver.stop);
    const system = await options.startSystem({ name: 'demo', url: receiver.url, secret });
    lifecycle.defer(system.stop);
    greet(terminal, slice, system.url, receiver.url);
    const following = new AbortController();
    const { url, token } = system;
    const followed = followAlerts({ url, token, signal: following.signal, onAlert: watch.onAlert });
    lifecycle.defer(() => {
      following.abort();
      return followed;
    });
    const sent = await Promise.race([
      replay(options, slice, system, watch.shiftMs),
      followed.then(streamEnded),
    ]);
    await settle(options, system, watch);
    return sumUp(terminal, slice, watch, { ...sent, seconds: (clock.now() - watch.startedAt) / 1_000 });
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.print('', 'Stopped early.');
    return 130; // as a shell reports an interrupt
  } finally {
    await lifecycle.stop();
  }
}

interface Watch {
  readonly startedAt: number;
  /** What moves the recording's times so that its last call is now, ms. */
  readonly shiftMs: number;
  readonly alerts: Map<string, Alert>;
  readonly told: Set<string>;
  readonly found: Set<Attack>;
  readonly counts: { webhooks: number; forged: number; firstAlertAt: number | undefined; lastNewsAt: number };
  readonly onAlert: (alert: Alert) => void;
  readonly onWebhook: (arrived: Arrived) => void;
}

/** Takes in what happens and prints it. */
function createWatch(terminal: Terminal, { calls, attacks }: Slice, clock: Clock): Watch {
  const startedAt = clock.now();
  const shiftMs = startedAt - (calls.at(-1)?.time ?? startedAt);
  const alerts = new Map<string, Alert>();
  const told = new Set<string>();
  const found = new Set<Attack>();
  const counts: Watch['counts'] = { webhooks: 0, forged: 0, firstAlertAt: undefined, lastNewsAt: startedAt };
  return {
    startedAt,
    shiftMs,
    alerts,
    told,
    found,
    counts,
    onAlert: (alert) => {
      counts.lastNewsAt = clock.now();
      counts.firstAlertAt ??= counts.lastNewsAt;
      const recordedAt = alert.time - shiftMs;
      const attack = attackOf(attacks, alert.agent, recordedAt);
      if (attack !== undefined) found.add(attack);
      if (!alerts.has(alert.id)) terminal.print(...alertLines(terminal, alert, recordedAt, attack));
      alerts.set(alert.id, alert);
    },
    onWebhook: (arrived) => {
      counts.lastNewsAt = clock.now();
      counts.webhooks += 1;
      if (!arrived.isGenuine) counts.forged += 1;
      else told.add(arrived.alert);
      terminal.print(webhookLine(terminal, arrived));
    },
  };
}

function greet(terminal: Terminal, { calls, attacks, hosts }: Slice, url: string, receiver: string): void {
  const days = Math.ceil(((calls.at(-1)?.time ?? 0) - (calls[0]?.time ?? 0)) / 86_400_000);
  terminal.print(
    '',
    terminal.paint('bold', '  Amiss demo'),
    '',
    `  ${days} days of a real network (DARPA 1998, MIT Lincoln Laboratory): ${calls.length.toLocaleString('en')} calls`,
    `  among ${hosts.toLocaleString('en')} hosts, with ${attacks.length} staged attacks in them. Times are moved so that it ends now.`,
    '  Amiss is not told which calls are attacks; it learns from the same stream that it judges.',
    '',
    `  Ingest and API   ${url}`,
    `  Receiver         ${receiver}  (checks the signature of each webhook)`,
    '',
  );
}

interface Sent {
  readonly accepted: number;
  readonly rejected: number;
}

async function replay(
  options: DemoOptions,
  slice: Slice,
  system: DemoSystem,
  shiftMs: number,
): Promise<Sent> {
  const { clock, out, signal } = options;
  const { calls } = slice;
  const send = ingestClient({ url: system.url, clock });
  const progress = createProgress({ label: 'replay', total: calls.length, clock, out });
  let [accepted, rejected] = [0, 0];
  for (let from = 0; from < calls.length; from += batchCalls) {
    signal.throwIfAborted();
    const batch = calls.slice(from, from + batchCalls).map((call, i) => eventLine(call, from + i, shiftMs));
    const answer = await send(`${batch.join('\n')}\n`);
    accepted += answer.accepted;
    rejected += answer.rejected;
    progress.update(from + batch.length, dayOf(slice, from));
  }
  progress.end(`${accepted.toLocaleString('en')} events accepted`);
  return { accepted, rejected };
}

/** The native event of a call. Its id makes a batch harmless that is sent twice because an answer was lost. */
function eventLine({ time, source, destination }: Call, index: number, shiftMs: number): string {
  return JSON.stringify({ id: `darpa98-${index}`, time: time + shiftMs, source, destination });
}

function dayOf({ calls }: Slice, index: number): string {
  return new Date(calls[index]?.time ?? 0).toISOString().slice(0, 10);
}

function streamEnded(): never {
  throw new Error('the stream of alerts ended before the demo did');
}

/** Waits until everything is scored, every alert was told, and nothing more comes. */
async function settle({ clock, signal }: DemoOptions, system: DemoSystem, watch: Watch): Promise<void> {
  const deadline = clock.now() + settleMsMax;
  while (clock.now() < deadline) {
    const isTold = [...watch.alerts.keys()].every((id) => watch.told.has(id));
    const isQuiet = clock.now() - watch.counts.lastNewsAt > quietMs;
    if (isTold && isQuiet && (await system.backlog()) === 0) return;
    await clock.sleep(lookEveryMs, signal);
  }
}

function sumUp(
  { print, paint }: Terminal,
  { attacks }: Slice,
  watch: Watch,
  run: Sent & { readonly seconds: number },
): number {
  const { alerts, told, found, counts } = watch;
  const firstMs = counts.firstAlertAt === undefined ? undefined : counts.firstAlertAt - watch.startedAt;
  const first = firstMs === undefined ? 'none' : `after ${(firstMs / 1_000).toFixed(1)} s`;
  const names = attacks.map((attack) => paint(found.has(attack) ? 'green' : 'dim', attack.name));
  const isGood = alerts.size > 0 && told.size >= alerts.size && counts.forged === 0 && run.rejected === 0;
  print(
    '',
    paint('bold', '  Summary'),
    '',
    `  Events          ${run.accepted.toLocaleString('en')} accepted, ${run.rejected} rejected, ${run.seconds.toFixed(0)} s in all`,
    `  Alerts          ${alerts.size}, the first ${first}`,
    `  Webhooks        ${counts.webhooks} received, ${counts.forged} of them not genuine`,
    `  Staged attacks  ${found.size} of ${attacks.length} have an alert: ${names.join(', ')}`,
    '',
    isGood ? paint('green', '  Everything arrived.') : paint('red', '  Not everything arrived as it should.'),
    '',
  );
  return isGood ? 0 : 1;
}
