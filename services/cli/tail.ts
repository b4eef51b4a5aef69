import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Clock, systemClock } from '#shared/clock.ts';
import { ingestClient } from '#shared/ingest-client.ts';
import { tailFiles } from '../collector/files.ts';
import { settingsOf } from './options.ts';

interface Options {
  readonly to: string;
  readonly token?: string;
  readonly state?: string;
  readonly fromEnd?: boolean;
}

/** `amiss tail GLOB... --to URL`. */
export function addTailCommand(program: Command): void {
  program
    .command('tail')
    .description('follow log files as they grow and rotate, and send their lines to a running collector')
    .argument(
      '<glob...>',
      'files, or quoted patterns such as "/var/log/zeek/*.log"; later files are found too',
    )
    .option('--to <url>', 'address of the collector', 'http://127.0.0.1:8470')
    .option('--token <token>', 'ingest token, where the collector asks for one (AMISS_INGEST_TOKEN)')
    .option('--state <file>', 'where to remember what was delivered (tail.json in the data folder)')
    .option('--from-end', 'leave out what stands in the files now')
    .action(async (patterns: readonly string[], options: Options, command: Command) => {
      const { data } = settingsOf(command);
      if (options.state === undefined) mkdirSync(data, { recursive: true });
      const statePath = options.state ?? join(data, 'tail.json');
      const stopping = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
      await tail(patterns, { ...options, state: statePath }, { clock: systemClock, signal: stopping.signal });
    });
}

async function tail(
  patterns: readonly string[],
  options: Options & { readonly state: string },
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const token = options.token ?? process.env['AMISS_INGEST_TOKEN'];
  // A collector that is away for long is waited for: the files keep what is to be sent.
  const send = ingestClient({
    url: options.to,
    clock,
    signal,
    patienceMs: Number.POSITIVE_INFINITY,
    ...(token === undefined ? {} : { token }),
  });
  process.stderr.write(`following ${patterns.join(' ')}; delivered places are kept in ${options.state}\n`);
  await tailFiles({
    patterns,
    statePath: options.state,
    clock,
    signal,
    ...(options.fromEnd === true ? { startsAtEnd: true } : {}),
    deliver: async ({ ndjson, key, path, lines }) => {
      const { accepted, rejected } = await send(ndjson, key);
      const faults =
        rejected === 0 ? '' : `, ${rejected} rejected (see "amiss ingest status" and the rejects)`;
      process.stderr.write(`${path}: ${lines} lines, ${accepted} accepted${faults}\n`);
    },
  }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
