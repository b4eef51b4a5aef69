import { randomUUID } from 'node:crypto';
import type { Clock } from '#shared/clock.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import type { Logger } from '#shared/logger.ts';
import { hostOf } from '../facts/names.ts';
import { createMapRecord } from '../schemas/index.ts';
import { startProxy } from './proxy.ts';
import { createReport } from './report.ts';
import { startReporter } from './reporter.ts';

export interface ObserverOptions {
  /** Where callers connect: `127.0.0.1`. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** The MCP server or A2A agent: `http://127.0.0.1:3000`. */
  readonly upstream: string;
  /** The collector's `/v1/ingest`. */
  readonly ingest: string;
  readonly token?: string;
  /** The calling agent, where all traffic is one agent's. */
  readonly source?: string;
  /** The called agent's name; its host otherwise. */
  readonly destination?: string;
  /** HMAC with the deployment's key, the collector's own, so that one token has one id everywhere. */
  readonly digest: (value: string) => string;
  readonly hashResources: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Starts an observing proxy before an MCP server or A2A agent: traffic passes unchanged, and each call becomes an
 * event at the collector. Tokens, prompts and arguments do not leave it.
 *
 * @returns the URL that callers use from now on, how many records were given up, and how to stop
 */
export async function startObserver(options: ObserverOptions): Promise<{
  readonly url: string;
  readonly dropped: () => number;
  readonly stop: Stop;
}> {
  const lifecycle = new Lifecycle();
  const reporter = startReporter(options);
  lifecycle.defer(reporter.stop);
  const report = createReport({
    ...(options.source === undefined ? {} : { source: options.source }),
    destination: options.destination ?? hostOf(options.upstream) ?? options.upstream,
    observer: 'amiss-observer',
    mapRecord: createMapRecord(),
    context: { digest: options.digest, hashResources: options.hashResources },
    randomUuid: randomUUID,
  });
  const proxy = await startProxy({
    host: options.host,
    port: options.port,
    upstream: options.upstream,
    now: options.clock.now,
    logger: options.logger,
    onExchange: (passed) => {
      for (const record of report(passed)) reporter.add(record);
    },
  });
  lifecycle.defer(proxy.stop);
  return { url: proxy.url, dropped: reporter.dropped, stop: () => lifecycle.stop() };
}
