import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { systemClock } from '#shared/clock.ts';
import { createProgress } from '#shared/progress.ts';
import { type BacktestSummary, runBacktest } from '../scorer/backtest.ts';
import { readDecisions } from './decisions-file.ts';
import { positiveOf, timeOf } from './values.ts';

interface BacktestCommandOptions {
  readonly scores?: string;
  readonly signals?: string;
  readonly alerts?: string;
  readonly budget?: string;
  readonly learnUntil?: string;
  readonly decisions?: string;
}

/** `amiss backtest FILE...`: the scorer and the correlator over recorded events, without servers. */
export function addBacktestCommand(program: Command): void {
  program
    .command('backtest')
    .description(
      'run scorer and correlator over recorded events (NDJSON, also .gz and .zst), without servers',
    )
    .argument('<file...>', 'files in the order of their events; - is standard input')
    .option('--scores <file>', 'write one line for each input event: n, score, p, detector')
    .option('--signals <file>', 'write one line for each signal')
    .option('--alerts <file>', 'write one line for each alert')
    .option('--budget <n>', 'alerts a day')
    .option('--learn-until <time>', 'learn, and alert only from this event time on (ISO 8601)')
    .option('--decisions <file>', 'policy, registry and planned changes that hold: one decision a line')
    .action(async (files: string[], options: BacktestCommandOptions) => backtest(files, options));
}

async function backtest(files: readonly string[], options: BacktestCommandOptions): Promise<void> {
  const { scores, signals, alerts } = options;
  const sizes = files.map((file) =>
    file === '-' ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const before = (file: string) => sizes.slice(0, files.indexOf(file)).reduce((sum, size) => sum + size, 0);
  const progress = createProgress({ label: 'backtest', total, clock: systemClock, out: process.stderr });
  const startedAt = systemClock.now();
  const budget = options.budget === undefined ? undefined : positiveOf('--budget', options.budget);
  const learnUntil =
    options.learnUntil === undefined ? undefined : timeOf('--learn-until', options.learnUntil);
  const decisions = options.decisions === undefined ? [] : await readDecisions(options.decisions);
  const summary = await runBacktest({
    files,
    decisions,
    ...(scores !== undefined && { scores }),
    ...(signals !== undefined && { signals }),
    ...(alerts !== undefined && { alerts }),
    ...(budget !== undefined && { budget }),
    ...(learnUntil !== undefined && { learnUntil }),
    onProgress: ({ file, bytes, events, time }) =>
      progress.update(before(file) + bytes, `${events.toLocaleString('en-US')} events, at ${dayOf(time)}`),
  });
  progress.end();
  process.stdout.write(describe(summary, (systemClock.now() - startedAt) / 1000));
}

function describe(summary: BacktestSummary, seconds: number): string {
  const count = (n: number) => n.toLocaleString('en-US');
  const days = Math.max(1, (summary.to - summary.from) / 86_400_000);
  const lines = [
    `events    ${count(summary.events)} of ${count(summary.agents)} agents, ${dayOf(summary.from)} to ${dayOf(summary.to)}`,
    `signals   ${count(summary.signals)}`,
    `alerts    ${count(summary.alerts)}, ${(summary.alerts / days).toFixed(1)} a day`,
    `late      ${count(summary.late)}`,
    `rejected  ${count(summary.rejected)}`,
    ...summary.rejects.map((reject) => `          ${reject}`),
    `took      ${seconds.toFixed(1)} s, ${count(Math.round(summary.events / Math.max(seconds, 0.001)))} events/s`,
  ];
  return `${lines.join('\n')}\n`;
}

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 16).replace('T', ' ');
