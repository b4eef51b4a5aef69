import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Command } from 'commander';
import { systemClock } from '#shared/clock.ts';
import { createProgress } from '#shared/progress.ts';
import { attackNames, type Simulation, simulate } from '../simulator/simulate.ts';
import { numberOf, timeOf } from './values.ts';

interface SimulateCommandOptions {
  readonly agents: string;
  readonly days: string;
  readonly seed: string;
  readonly attacks: string;
  readonly start?: string;
  readonly out: string;
  readonly labels?: string;
  readonly decisions?: string;
}

const chunkCharacters = 2 ** 18;

/** `amiss simulate`: a labelled network, and attacks in it. */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('write the events of a simulated network and its attacks, as NDJSON')
    .option('--agents <n>', 'how many agents', '100')
    .option('--days <n>', 'how many days', '7')
    .option('--seed <n>', 'the same seed gives the same events', '1')
    .option('--attacks <list>', `names with commas between, all or none: ${attackNames.join(', ')}`, 'all')
    .option('--start <time>', 'first moment, ISO 8601 (default: Monday 2026-01-05)')
    .option('--out <file>', 'where to write the events; .gz is compressed, - is standard output', '-')
    .option('--labels <file>', 'where to write the attack instances and which event belongs to which')
    .option('--decisions <file>', 'where to write the policy and the registry of the network')
    .action(async (options: SimulateCommandOptions) => {
      const simulation = simulate({
        agents: numberOf('--agents', options.agents),
        days: numberOf('--days', options.days),
        seed: numberOf('--seed', options.seed),
        attacks: attacksOf(options.attacks),
        ...(options.start !== undefined && { start: timeOf('--start', options.start) }),
      });
      if (options.decisions !== undefined) writeLines(options.decisions, simulation.decisions);
      await write(simulation, options);
    });
}

async function write(simulation: Simulation, options: SimulateCommandOptions): Promise<void> {
  const out = openOut(options.out);
  const labels = options.labels === undefined ? undefined : createWriteStream(options.labels);
  for (const instance of simulation.instances) labels?.write(`${JSON.stringify(instance)}\n`);
  const dayMs = 86_400_000;
  const days = Number(options.days);
  const progress = createProgress({
    label: 'simulate',
    total: days * dayMs,
    clock: systemClock,
    out: process.stderr,
  });
  let [n, chunk, start] = [0, '', 0];
  for (const { event, instance } of simulation.events) {
    if (n === 0) start = event.time;
    chunk += `${JSON.stringify(event)}\n`;
    if (instance !== 0) labels?.write(`${JSON.stringify({ n, instance })}\n`);
    n += 1;
    if (chunk.length < chunkCharacters) continue;
    if (!out.write(chunk)) await once(out, 'drain');
    chunk = '';
    progress.update(Math.max(0, event.time - start), `${n} events`);
  }
  out.write(chunk);
  progress.end(`${n} events`);
  labels?.end();
  if (out === process.stdout) return;
  out.end();
  await finished(out);
}

function writeLines(path: string, items: readonly unknown[]): void {
  writeFileSync(path, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
}

function openOut(path: string): Writable {
  if (path === '-') return process.stdout;
  const file = createWriteStream(path);
  if (!path.endsWith('.gz')) return file;
  const gzip = createGzip({ level: 1 });
  gzip.pipe(file);
  return gzip;
}

function attacksOf(list: string): readonly string[] {
  if (list === 'all') return attackNames;
  return list === 'none' ? [] : list.split(',').map((name) => name.trim());
}
