import type { Command } from 'commander';
import { AppError } from '#shared/errors.ts';
import { apiClientOf, withApiOptions } from './api-client.ts';

interface StatusOptions {
  readonly hours: string;
  readonly space: string;
  readonly json?: boolean;
}

/** An item of `GET /api/v1/sources`. */
interface SourceLine {
  readonly source: string;
  readonly format: string;
  readonly last_seen: number;
  readonly rate: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly busy: number;
  readonly refused: number;
  readonly skew_ms: number | null;
  readonly lag_ms: number | null;
}

interface Page {
  readonly items: readonly SourceLine[];
  readonly next: string | null;
}

// As many as one collector tells apart, several times over.
const pagesMax = 20;

/** `amiss ingest status`: who delivers, how much, how late, and with how many faults. */
export function addIngestCommands(program: Command): void {
  const ingest = program.command('ingest').description('what comes in');
  withApiOptions(ingest.command('status'))
    .description('list the sources of a running Amiss: last seen, rate, rejects, clock skew and lag')
    .option('--hours <n>', 'only sources that were seen in the last hours', '1')
    .option('--space <name>', 'of this tenant', 'default')
    .option('--json', 'as JSON, one source a line')
    .action(async (options: StatusOptions, command: Command) => {
      const hours = Number(options.hours);
      if (!(hours > 0)) throw new AppError('USAGE', `--hours ${options.hours}: must be a number above 0`);
      const now = Date.now();
      const since = String(Math.max(0, Math.round(now - hours * 3_600_000)));
      const client = apiClientOf(command);
      const sources: SourceLine[] = [];
      let next: string | null = null;
      for (let page = 0; page < pagesMax; page += 1) {
        const query = new URLSearchParams({ since, space: options.space, limit: '1000' });
        if (next !== null) query.set('cursor', next);
        const answer: Page = await client.get<Page>(`/sources?${query}`);
        sources.push(...answer.items);
        next = answer.next;
        if (next === null) break;
      }
      const lines = options.json ? sources.map((source) => JSON.stringify(source)) : tableOf(sources, now);
      for (const line of lines) process.stdout.write(`${line}\n`);
      if (sources.length === 0) process.stderr.write('no source was seen in this time\n');
    });
}

const columns = [
  'source',
  'format',
  'seen',
  'rate/s',
  'accepted',
  'rejected',
  'busy',
  'refused',
  'skew',
  'lag',
];

/** Lines of a table with a heading; none without sources. */
export function tableOf(sources: readonly SourceLine[], now: number): readonly string[] {
  if (sources.length === 0) return [];
  const rows = sources.map((source) => [
    source.source,
    source.format,
    `${spanOf(Math.max(0, now - source.last_seen))} ago`,
    source.rate.toFixed(source.rate < 10 ? 1 : 0),
    String(source.accepted),
    String(source.rejected),
    String(source.busy),
    String(source.refused),
    source.skew_ms === null ? '-' : spanOf(source.skew_ms),
    source.lag_ms === null ? '-' : spanOf(source.lag_ms),
  ]);
  const widths = columns.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  // Names to the left, figures to the right.
  const lineOf = (row: readonly string[]) =>
    row
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  return [columns, ...rows].map(lineOf);
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A time span in its largest unit: `spanOf(-5200)` is "-5.2 s". */
function spanOf(ms: number): string {
  const unit = units.find(([, size]) => Math.abs(ms) >= size);
  if (unit === undefined) return `${Math.round(ms)} ms`;
  return `${(ms / unit[1]).toFixed(1)} ${unit[0]}`;
}
