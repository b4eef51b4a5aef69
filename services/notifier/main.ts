import { readFileSync } from 'node:fs';
import type { ServiceContext } from '#shared/context.ts';
import { AppError, messageOf } from '#shared/errors.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import { seededRandom } from '#shared/random.ts';
import { createAddressGuard } from './address-guard.ts';
import { createHttpSender } from './http-sender.ts';
import type { NotifierSettings } from './settings.ts';
import { followSilences } from './silences.ts';
import { createMute } from './stages/mute.ts';
import { createTargets } from './targets/index.ts';
import { startTeller } from './teller.ts';

/**
 * Tells alerts to the configured targets, as Alertmanager's pipeline does: select, mute, dedup, record, retry. Each
 * target reads the log as a group of its own, so that a slow one lags alone. The topics must exist.
 *
 * @throws {AppError} CONFIG_INVALID, naming the target or key and what is wrong with it
 */
export async function startNotifier(context: ServiceContext, settings: NotifierSettings): Promise<Stop> {
  const now = () => context.clock.now();
  const http = createHttpSender({
    guard: createAddressGuard(settings.allow_addresses),
    now,
    connectionsMax: settings.in_flight_max,
    ca: settings.ca_file === '' ? undefined : readCa(settings.ca_file),
  });
  const lifecycle = new Lifecycle();
  lifecycle.defer(http.close);
  const stop = () => lifecycle.stop();
  try {
    const targets = createTargets(settings, { http, now });
    refuseSameNames(targets.map((target) => target.name));
    if (targets.length === 0) return stop;
    const silences = await followSilences(context);
    lifecycle.defer(silences.stop);
    const mute = createMute(silences.all, now);
    // Chance only spreads retries over time; a seed from the clock gives each start its own.
    const random = seededRandom(now());
    for (const target of targets) {
      lifecycle.defer(await startTeller({ context, settings, target, mute, random, ready: silences.ready }));
    }
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `notifier.ca_file: cannot read ${path}: ${messageOf(error)}`);
  }
}

function refuseSameNames(names: readonly string[]): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new AppError('CONFIG_INVALID', `notifier: two targets are called "${repeated}"; names must differ`);
  }
}
