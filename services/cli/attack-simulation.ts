import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '#shared/clock.ts';
import { loadConfig } from '#shared/config.ts';
import { drillSpace } from '#shared/drill.ts';
import { AppError } from '#shared/errors.ts';
import { createLogger } from '#shared/logger.ts';
import { createProgress } from '#shared/progress.ts';
import { type DrillOptions, runDrill } from '../drill/main.ts';
import { type DrillReport, drillText } from '../drill/report.ts';
import { settingsSchema } from '../settings.ts';
import { attackNames, simulate } from '../simulator/simulate.ts';
import { serviceNames, startSystem } from '../system.ts';
import { apiAddressOf, withApiOptions } from './api-client.ts';
import { version } from './version.ts';

interface DrillCommandOptions {
  readonly agents: string;
  readonly days: string;
  readonly seed: string;
  readonly attacks: string;
  readonly json?: string;
  readonly live?: boolean;
}

const dayMs = 86_400_000;

/** Records that others' traffic may keep the services behind by, while a drill waits for its own to be done. */
const liveLagMax = 10_000;

/** `amiss attack-simulation`: a drill. */
export function addAttackSimulationCommand(program: Command): void {
  withApiOptions(program.command('attack-simulation'))
    .description('run simulated attacks through a pipeline of their own, and tell which were detected')
    .option('--live', 'through the running Amiss, in a space of their own, with its settings and targets')
    .option('--agents <n>', 'how many agents', '60')
    .option('--days <n>', 'how many days; the first half is quiet', '10')
    .option('--seed <n>', 'the same seed gives the same events', '1')
    .option('--attacks <list>', `names with commas between, or all: ${attackNames.join(', ')}`, 'all')
    .option('--json <file>', 'write the report')
    .action(async (options: DrillCommandOptions, command: Command) => {
      const interrupt = new AbortController();
      process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
      const drill = drillOf(options);
      const report = options.live
        ? await drill({ ...apiAddressOf(command), ...liveSpace() }, interrupt.signal)
        : await alone(drill, interrupt.signal);
      process.stdout.write(drillText(report));
      if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    });
}

/** A new space for each drill: what an earlier one taught would make this one's events late, and known. */
function liveSpace(): Pick<DrillOptions, 'space' | 'lagMax'> {
  const now = new Date(systemClock.now()).toISOString();
  return { space: `${drillSpace}-${now.slice(0, 19).replaceAll(/[^\dT]/g, '')}`, lagMax: liveLagMax };
}

type Place = Pick<DrillOptions, 'url' | 'token' | 'space' | 'lagMax'>;
type Drill = (place: Place, signal: AbortSignal) => Promise<DrillReport>;

function drillOf(options: DrillCommandOptions): Drill {
  const days = wholeNumber('--days', options.days);
  const start = Math.floor(systemClock.now() / dayMs) * dayMs - days * dayMs;
  const traffic = simulate({
    agents: wholeNumber('--agents', options.agents),
    days,
    seed: wholeNumber('--seed', options.seed),
    attacks: options.attacks === 'all' ? attackNames : options.attacks.split(','),
    start,
  });
  return async (place, signal) => {
    const total = days * dayMs;
    const progress = createProgress({ label: 'drill', total, clock: systemClock, out: process.stderr });
    const onProgress = (_: number, time: number) => progress.update(time === 0 ? total : time - start);
    try {
      return await runDrill({ ...place, traffic, clock: systemClock, signal, onProgress });
    } finally {
      progress.end();
    }
  };
}

/** All services on a temporary folder, with no other's targets: nobody is told of it. */
async function alone(drill: Drill, signal: AbortSignal): Promise<DrillReport> {
  const data = mkdtempSync(join(tmpdir(), 'amiss-drill-'));
  const overrides = { data, listen: '127.0.0.1:0', log_level: 'warn' };
  const settings = loadConfig(settingsSchema, { file: undefined, environment: {}, overrides });
  const failed = new AbortController();
  const logger = createLogger(settings.log_level, 'drill');
  const fail = (error: unknown) => failed.abort(error);
  const { address, adminToken, stop } = await startSystem(settings, {
    names: serviceNames,
    version,
    clock: systemClock,
    logger,
    fail,
  });
  try {
    const place = { url: address, token: adminToken?.value ?? '', space: drillSpace, lagMax: 0 };
    return await drill(place, AbortSignal.any([signal, failed.signal]));
  } finally {
    await stop();
    rmSync(data, { recursive: true, force: true });
  }
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new AppError('USAGE', `${flag}: "${text}" is no whole number`);
  return value;
}
