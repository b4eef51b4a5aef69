import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Create } from 'typebox/value';
import { systemClock } from '#shared/clock.ts';
import type { ServiceContext } from '#shared/context.ts';
import type { AmissEvent } from '#shared/event.ts';
import { createHttpServer, listen } from '#shared/http.ts';
import { openEmbeddedLog } from '#shared/log/embedded.ts';
import type { EventLog } from '#shared/log/log.ts';
import { logSettings } from '#shared/log/settings.ts';
import { topicSpecs } from '#shared/log/topics.ts';
import { silentLogger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import type { Reject } from '#shared/reject.ts';
import { type CollectorAccess, registerIngest } from '../../services/collector/main.ts';
import { collectorSettings } from '../../services/collector/settings.ts';

export const partitions = 4;

export interface LogFolder {
  readonly path: string;
  readonly log: EventLog;
  readonly close: () => Promise<void>;
}

/** An embedded log with the topics of Amiss in a folder of its own, which goes when it is closed. */
export async function openLogFolder(bytesMax?: number): Promise<LogFolder> {
  const path = mkdtempSync(join(tmpdir(), 'collector-'));
  const log = await openEmbeddedLog({
    path: join(path, 'log'),
    clock: systemClock,
    ...(bytesMax === undefined ? {} : { bytesMax }),
  });
  await log.ensureTopics(topicSpecs({ partitions, retentionMs: 0, retentionBytes: 0 }));
  return {
    path,
    log,
    close: async () => {
      await log.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export interface RunningCollector {
  readonly address: string;
  readonly context: ServiceContext;
  readonly log: EventLog;
  readonly events: () => Promise<readonly AmissEvent[]>;
  readonly rejects: () => Promise<readonly Reject[]>;
  readonly stop: () => Promise<void>;
}

/** A collector on loopback over the folder's log or another, with some of its settings changed. */
export async function startTestCollector(
  folder: LogFolder,
  changed: Record<string, unknown> = {},
  parts: { readonly log?: EventLog; readonly access?: CollectorAccess } = {},
): Promise<RunningCollector> {
  const log = parts.log ?? folder.log;
  const context: ServiceContext = {
    log,
    clock: systemClock,
    logger: silentLogger,
    metrics: createMetrics(),
    fail: (error) => {
      throw error;
    },
  };
  const collector = { ...Create(collectorSettings), ...changed };
  const config = {
    data: folder.path,
    listen: '127.0.0.1:0',
    hosts: [],
    log: Create(logSettings),
    collector,
  };
  const server = createHttpServer({
    ...context,
    listen: config.listen,
    hosts: [],
    bodyBytesMax: collector.body_bytes_max,
    isReady: () => log.ping(),
  });
  const stopIngest = await registerIngest(server, context, config, parts.access);
  const address = await listen(server, config.listen);
  return {
    address,
    context,
    log,
    events: () => readAll<AmissEvent>(folder.log, 'events'),
    rejects: () => readAll<Reject>(folder.log, 'rejects'),
    stop: async () => {
      await server.close();
      await stopIngest();
    },
  };
}

/** Every record of a topic, parsed, partition after partition. */
export async function readAll<T>(log: EventLog, topic: string): Promise<readonly T[]> {
  const all: T[] = [];
  for (const { partition, first, next } of await log.offsets(topic)) {
    for (let offset = first; offset < next; ) {
      const records = await log.read({ topic, partition }, offset, 10_000);
      const last = records.at(-1);
      if (last === undefined) break;
      all.push(...records.map((record) => JSON.parse(record.value.toString()) as T));
      offset = last.offset + 1;
    }
  }
  return all;
}
