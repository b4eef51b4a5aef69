import { randomBytes } from 'node:crypto';
import type { Clock } from '#shared/clock.ts';
import { dateOf } from '#shared/date-of.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import { openAlerts } from './alert-stream.ts';
import { startDemoReceiver } from './receiver.ts';
import { replay, type Sent } from './replay.ts';
import { readSlice, type Slice, slicePath } from './slice.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { createWatch, type Watch } from './watch.ts';

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
  /** Rejects when a part of it cannot go on. */
  readonly failed: Promise<never>;
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
    greet(terminal, slice, { shiftMs: watch.shiftMs, url: system.url, receiver: receiver.url });
    const following = new AbortController();
    const { url, token } = system;
    const { ended } = await openAlerts({ url, token, signal: following.signal, onAlert: watch.onAlert });
    lifecycle.defer(() => {
      following.abort();
      return ended;
    });
    const run = async () => {
      const sent = await replay(options, slice, url, watch.shiftMs);
      await settle(options, system, watch);
      return sent;
    };
    const sent = await Promise.race([run(), system.failed, ended.then(unreachable)]);
    const seconds = (clock.now() - watch.startedAt) / 1_000;
    return sumUp(terminal, slice, watch, { ...sent, seconds });
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.print('', 'Stopped early.');
    return 130; // as a shell reports an interrupt
  } finally {
    await lifecycle.stop();
  }
}

function greet(
  terminal: Terminal,
  { calls, attacks, hosts }: Slice,
  { shiftMs, url, receiver }: { readonly shiftMs: number; readonly url: string; readonly receiver: string },
): void {
  const from = calls[0]?.time ?? 0;
  const days = Math.ceil(((calls.at(-1)?.time ?? 0) - from) / 86_400_000);
  terminal.print(
    '',
    terminal.paint('bold', '  Amiss demo'),
    '',
    `  ${days} days of a real network (DARPA 1998, MIT Lincoln Laboratory): ${calls.length.toLocaleString('en')} calls`,
    `  among ${hosts.toLocaleString('en')} hosts, with ${attacks.length} staged attacks in them.`,
    `  All times are moved on so that it ends now: its first day is ${dateOf(from + shiftMs)}.`,
    '  Amiss is not told which calls are attacks; it learns from the same stream that it judges.',
    '',
    `  Ingest and API   ${url}`,
    `  Receiver         ${receiver}  (checks the signature of each webhook)`,
    '',
  );
}

/** The stream ends well only when the demo has ended it, after everything else. */
function unreachable(): never {
  throw new Error('the stream of alerts was ended before the demo');
}

/** Waits until everything is scored, every alert was told, and nothing more comes. */
async function settle({ clock, signal }: DemoOptions, system: DemoSystem, watch: Watch): Promise<void> {
  const deadline = clock.now() + settleMsMax;
  while (clock.now() < deadline) {
    const isTold = [...watch.alerts.keys()].every((id) => watch.told.has(id));
    const isQuiet = clock.now() - watch.counts.lastNewsAt > quietMs;
    if (isTold && isQuiet && (await backlogOf(system)) === 0) return;
    await clock.sleep(lookEveryMs, signal);
  }
}

/** Records that some service has still to read, as the API tells. */
async function backlogOf({ url, token }: DemoSystem): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(new URL('/api/v1/status', url), { headers });
  const { services } = (await response.json()) as PipelineStatus;
  return services.flatMap(({ lag }) => Object.values(lag)).reduce<number>((sum, lag) => sum + (lag ?? 0), 0);
}

interface PipelineStatus {
  readonly services: readonly { readonly lag: Readonly<Record<string, number | null>> }[];
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
  const names = attacks.map((attack) =>
    found.has(attack) ? paint('green', `✓ ${attack.name}`) : paint('dim', attack.name),
  );
  const isGood = alerts.size > 0 && told.size >= alerts.size && counts.forged === 0 && run.rejected === 0;
  print(
    '',
    paint('bold', '  Summary'),
    '',
    `  Events          ${run.accepted.toLocaleString('en')} accepted, ${run.rejected} rejected, ${run.seconds.toFixed(0)} s in all`,
    `  Alerts          ${alerts.size}, the first ${first}`,
    `  Webhooks        ${counts.webhooks} received, ${counts.forged} of them not genuine`,
    `  Staged attacks  ${found.size} of ${attacks.length} have an alert (✓): ${names.join(', ')}`,
    '',
    isGood ? paint('green', '  Everything arrived.') : paint('red', '  Not everything arrived as it should.'),
    '',
  );
  return isGood ? 0 : 1;
}
