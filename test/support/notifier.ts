import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alert } from '#shared/alert.ts';
import { type Clock, systemClock } from '#shared/clock.ts';
import type { Delivery } from '#shared/delivery.ts';
import type { Stop } from '#shared/lifecycle.ts';
import { openEmbeddedLog } from '#shared/log/embedded.ts';
import type { EventLog } from '#shared/log/log.ts';
import { topicSpecs } from '#shared/log/topics.ts';
import { silentLogger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import { startNotifier } from '../../services/notifier/main.ts';
import { readDeliveries } from '../../services/notifier/records.ts';
import type { NotifierSettings } from '../../services/notifier/settings.ts';

/** The notifier on an embedded log of its own, as a test drives it. */
export interface NotifierBench {
  readonly log: EventLog;
  /** Errors with which the notifier would have ended its process. */
  readonly failures: readonly unknown[];
  start(settings: Partial<NotifierSettings>, clock?: Clock): Promise<Stop>;
  append(...alerts: readonly Alert[]): Promise<void>;
  /** The newest record of every message of a target, oldest message first. */
  deliveries(target: string): Promise<readonly Delivery[]>;
  close(): Promise<void>;
}

/** A secret for tests; it protects nothing. */
export const testSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** The settings as they are when nothing is configured, and loopback may be called. */
export const testSettings: NotifierSettings = {
  webhooks: [],
  allow_addresses: ['127.0.0.0/8'],
  ca_file: '',
  in_flight_max: 4,
  pending_max: 1000,
  remember_hours: 720,
  timeout_ms: 20_000,
};

export async function startNotifierBench(clock: Clock = systemClock): Promise<NotifierBench> {
  const folder = await mkdtemp(join(tmpdir(), 'amiss-notifier-'));
  const log = await openNotifierLog(folder, clock);
  const failures: unknown[] = [];
  return {
    log,
    failures,
    start: (settings, ownClock = clock) =>
      startNotifier(
        {
          log,
          clock: ownClock,
          logger: silentLogger,
          metrics: createMetrics(),
          fail: (error) => failures.push(error),
        },
        { ...testSettings, ...settings },
      ),
    append: (...alerts) => appendAlerts(log, alerts),
    deliveries: (target) => readDeliveries(log, 'deliveries', (delivery) => delivery.target === target),
    close: async () => {
      await log.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An embedded log with the topics of Amiss. */
export async function openNotifierLog(folder: string, clock: Clock): Promise<EventLog> {
  const log = await openEmbeddedLog({ path: folder, clock });
  await log.ensureTopics(topicSpecs({ partitions: 1, retentionMs: 3_600_000, retentionBytes: 0 }));
  return log;
}

export function appendAlerts(log: EventLog, alerts: readonly Alert[]): Promise<void> {
  return log.append(
    'alerts',
    alerts.map((alert) => ({ key: alert.space, value: JSON.stringify(alert) })),
  );
}
