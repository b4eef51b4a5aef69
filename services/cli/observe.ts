import type { Command } from 'commander';
import { systemClock } from '#shared/clock.ts';
import { parseListen } from '#shared/http.ts';
import { createDigest } from '../collector/digest.ts';
import { startObserver } from '../collector/observer/main.ts';
import { loggerOf, settingsOf } from './options.ts';

interface Options {
  readonly at: string;
  readonly to: string;
  readonly token?: string;
  readonly source?: string;
  readonly destination?: string;
}

/** `amiss observe UPSTREAM --to URL`: a proxy before an MCP server or A2A agent that tells what passes. */
export function addObserveCommand(program: Command): void {
  program
    .command('observe')
    .description(
      'stand before an MCP server or A2A agent as a proxy, and send each call to a running collector',
    )
    .argument('<upstream>', 'the server that callers want: http://127.0.0.1:3000')
    .option('--at <host:port>', 'where callers connect from now on', '127.0.0.1:7470')
    .option('--to <url>', 'address of the collector', 'http://127.0.0.1:8470')
    .option('--token <token>', 'ingest token, where the collector asks for one (AMISS_INGEST_TOKEN)')
    .option('--source <agent>', 'the calling agent, where all calls are those of one')
    .option('--destination <agent>', "the called agent's name (its host)")
    .action(async (upstream: string, options: Options, command: Command) => {
      const settings = settingsOf(command);
      const { hash_key, hash_resources } = settings.collector;
      const token = options.token ?? process.env['AMISS_INGEST_TOKEN'];
      const { source, destination } = options;
      const { host, port } = parseListen(options.at);
      const observer = await startObserver({
        host,
        port,
        upstream,
        ingest: new URL('/v1/ingest', options.to).href,
        ...(token === undefined ? {} : { token }),
        ...(source === undefined ? {} : { source }),
        ...(destination === undefined ? {} : { destination }),
        digest: createDigest(hash_key, settings.data),
        hashResources: hash_resources,
        clock: systemClock,
        logger: loggerOf(settings, 'observer'),
      });
      process.stdout.write(`observing ${upstream} at ${observer.url}\n`);
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
      });
      await observer.stop();
      if (observer.dropped() > 0) {
        process.stderr.write(`${observer.dropped()} records were given up\n`);
        process.exitCode = 1;
      }
    });
}
