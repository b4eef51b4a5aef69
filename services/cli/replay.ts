import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { type Clock, systemClock } from '#shared/clock.ts';
import { AppError } from '#shared/errors.ts';
import { ingestClient } from '#shared/ingest-client.ts';
import { linesOf } from '#shared/lines.ts';
import { createProgress } from '#shared/progress.ts';

interface ReplayOptions {
  readonly to: string;
  readonly speed: string;
  readonly token?: string;
  readonly space?: string;
}

// Well below the collector's default limits for a body and a batch.
const batchLinesMax = 2_000;
const batchCharactersMax = 2_000_000;
// With a speed, a batch covers at most this much real time, so that events arrive evenly.
const batchMsMax = 200;

/** `amiss replay FILE --to URL --speed N --space NAME`. */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('send recorded events (NDJSON, also .gz and .zst) to a running collector')
    .argument('<file...>', 'files in the order in which to send them; - is standard input')
    .option('--to <url>', 'address of the collector', 'http://127.0.0.1:8470')
    .option('--speed <n>', 'how many times faster than the events happened; 0 is as fast as it goes', '0')
    .option('--token <token>', 'ingest token, where the collector asks for one (AMISS_INGEST_TOKEN)')
    .option('--space <name>', 'space that the events go to, whatever they say: each space has its own clock')
    .action(async (files: readonly string[], options: ReplayOptions) => {
      for (const file of files) await replay(file, options, systemClock);
    });
}

async function replay(file: string, options: ReplayOptions, clock: Clock): Promise<void> {
  const speed = Number(options.speed);
  if (!(speed >= 0)) throw new AppError('USAGE', `--speed ${options.speed}: must be a number from 0 up`);
  const token = options.token ?? process.env['AMISS_INGEST_TOKEN'];
  const send = ingestClient({ url: options.to, clock, ...(token === undefined ? {} : { token }) });
  const total = file === '-' ? 0 : statSync(file, { throwIfNoEntry: false })?.size;
  const progress = createProgress({ label: file, total: total ?? 0, clock, out: process.stderr });
  const counts = { accepted: 0, rejected: 0 };
  const flush = async (batch: Batch) => {
    if (batch.lines.length === 0) return;
    const answer = await send(`${batch.lines.join('\n')}\n`);
    counts.accepted += answer.accepted;
    counts.rejected += answer.rejected;
  };
  let bytes = 0;
  let batch = emptyBatch();
  const pace = createPace(speed, clock);
  for await (const line of linesOf(file, (read) => (bytes = read))) {
    if (line.trim() === '') continue;
    const wait = pace(line);
    if (batch.lines.length > 0 && (wait > batchMsMax || isFull(batch))) {
      await flush(batch);
      batch = emptyBatch();
    }
    if (wait > batchMsMax) await clock.sleep(wait);
    const sent = options.space === undefined ? line : intoSpace(line, options.space);
    batch.lines.push(sent);
    batch.characters += sent.length;
    progress.update(bytes, `${counts.accepted} accepted, ${counts.rejected} rejected`);
  }
  await flush(batch);
  progress.end(`${counts.accepted} accepted, ${counts.rejected} rejected`);
}

interface Batch {
  readonly lines: string[];
  characters: number;
}

const emptyBatch = (): Batch => ({ lines: [], characters: 0 });

const isFull = (batch: Batch) =>
  batch.lines.length >= batchLinesMax || batch.characters >= batchCharactersMax;

function intoSpace(line: string, space: string): string {
  try {
    return JSON.stringify({ ...JSON.parse(line), space });
  } catch {
    return line; // the collector refuses it and says why
  }
}

/** How long to wait before a line is due, ms; never when the speed is 0 or the line has no time. */
function createPace(speed: number, clock: Clock): (line: string) => number {
  if (speed === 0) return () => 0;
  const startedAt = clock.now();
  let firstTime: number | undefined;
  return (line) => {
    const match = /"time"\s*:\s*(?:"([^"]+)"|(\d+))/.exec(line);
    const time = match?.[1] === undefined ? Number(match?.[2]) : Date.parse(match[1]);
    if (!Number.isFinite(time)) return 0;
    firstTime ??= time;
    return startedAt + (time - firstTime) / speed - clock.now();
  };
}
