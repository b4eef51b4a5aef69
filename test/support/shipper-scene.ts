import type { AmissEvent } from '#shared/event.ts';
import type { CollectorAccess } from '../../services/collector/main.ts';
import { openLogFolder, type RunningCollector, startTestCollector } from './collector.ts';
import { freePort } from './free-port.ts';
import { type GatedLog, gatedLog } from './gated-log.ts';
import { waitUntil } from './wait-until.ts';

/** A collector with every listener on, over a log with a gate. */
export interface ShipperScene {
  readonly collector: RunningCollector;
  readonly gate: GatedLog;
  readonly ports: Readonly<Record<(typeof listeners)[number], number>>;
  /** The kept events of sources that begin so, once there are `count` of them. */
  readonly arrived: (prefix: string, count: number) => Promise<readonly AmissEvent[]>;
  readonly stop: () => Promise<void>;
}

const listeners = ['otlp_http', 'otlp_grpc', 'hec', 'elastic', 'syslog', 'forward'] as const;

export async function startShipperScene(
  changed: Record<string, unknown> = {},
  access: CollectorAccess = {},
): Promise<ShipperScene> {
  const folder = await openLogFolder();
  const gate = gatedLog(folder.log);
  const free = await Promise.all(listeners.map(() => freePort()));
  const ports = Object.fromEntries(listeners.map((name, i) => [name, free[i]])) as ShipperScene['ports'];
  const listens = Object.fromEntries(listeners.map((name) => [`${name}_listen`, `127.0.0.1:${ports[name]}`]));
  const collector = await startTestCollector(folder, { ...listens, ...changed }, { log: gate.log, access });
  const kept = async (prefix: string) =>
    (await collector.events()).filter(({ source }) => source.startsWith(prefix));
  return {
    collector,
    gate,
    ports,
    arrived: async (prefix, count) => {
      await waitUntil(`${count} events of ${prefix}`, async () => (await kept(prefix)).length >= count);
      return kept(prefix);
    },
    stop: async () => {
      await collector.stop();
      await folder.close();
    },
  };
}

/** Native events of `count` sources, `PREFIX-0` and so on. */
export function eventsOf(prefix: string, count: number) {
  return Array.from({ length: count }, (_, i) => ({
    time: 1795405200000 + i,
    source: `${prefix}-${i}`,
    destination: 'orders',
  }));
}

/** How many events remain after repeats, which have equal ids, are dropped. */
export function distinctIds(events: readonly AmissEvent[]): number {
  return new Set(events.map(({ id }) => id)).size;
}
