import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '#shared/clock.ts';
import { loadConfig } from '#shared/config.ts';
import { AppError } from '#shared/errors.ts';
import { createLogger } from '#shared/logger.ts';
import { createProgress } from '#shared/progress.ts';
import { runDrill } from '../drill/main.ts';
import { drillText } from '../drill/report.ts';
import { settingsSchema } from '../settings.ts';
import { attackNames, simulate } from '../simulator/simulate.ts';
import { serviceNames, startSystem } from '../system.ts';
import { version } from './version.ts';

interface DrillCommandOptions {
  readonly agents: string;
  readonly days: string;
  readonly seed: string;
  readonly attacks: string;
  readonly json?: string;
}

const dayMs = 86_400_000;

/** `amiss attack-simulation`: a drill. */
export function addAttackSimulationCommand(program: Command): void {
  program
    .command('attack-simulation')
    .description('run simulated attacks through a pipeline of their own, and tell which were detected')
    .option('--agents <n>', 'how many agents', '60')
    .option('--days <n>', 'how many days; the first half is quiet', '10')
    .option('--seed <n>', 'the same seed gives the same events', '1')
    .option('--attacks <list>', `names with commas between, or all: ${attackNames.join(', ')}`, 'all')
    .option('--json <file>', 'write the report')
    .action(async (options: DrillCommandOptions) => {
      const interrupt = new AbortController();
      process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
      const report = await drill(options, interrupt.signal);
      process.stdout.write(drillText(report));
      if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    });
}

/** All services on a temporary folder: event time is one clock, and a drill of days must not turn anybody else's. */
async function drill(options: DrillCommandOptions, signal: AbortSignal) {
  const days = wholeNumber('--days', options.days);
  const start = Math.floor(Date.now() / dayMs) * dayMs - days * dayMs;
  const traffic = simulate({
    agents: wholeNumber('--agents', options.agents),
    days,
    seed: wholeNumber('--seed', options.seed),
    attacks: options.attacks === 'all' ? attackNames : options.attacks.split(','),
    start,
  });
  const data = mkdtempSync(join(tmpdir(), 'amiss-drill-'));
  const overrides = { data, listen: '127.0.0.1:0', log_level: 'warn' };
  const settings = loadConfig(settingsSchema, { file: undefined, environment: {}, overrides });
  const failed = new AbortController();
  const logger = createLogger(settings.log_level, 'drill');
  const progress = createProgress({
    label: 'drill',
    total: days * dayMs,
    clock: systemClock,
    out: process.stderr,
  });
  const fail = (error: unknown) => failed.abort(error);
  const system = await startSystem(settings, {
    names: serviceNames,
    version,
    clock: systemClock,
    logger,
    fail,
  });
  try {
    return await runDrill({
      url: system.address,
      token: system.adminToken?.value ?? '',
      traffic,
      clock: systemClock,
      signal: AbortSignal.any([signal, failed.signal]),
      onProgress: (_, time) => progress.update(time === 0 ? days * dayMs : time - start),
    });
  } finally {
    progress.end();
    await system.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new AppError('USAGE', `${flag}: "${text}" is no whole number`);
  return value;
}
