import type { Alert } from '#shared/alert.ts';
import type { Delivery } from '#shared/delivery.ts';
import type { Stage } from '../pipeline.ts';

/** What one target has been told (or is about to be told) of one alert. */
interface Told {
  readonly revision: number;
  readonly status: string;
  readonly severity: number;
  /** Of the newest record, UTC ms. */
  readonly time: number;
}

/** The stage that remembers: each revision is told once, and only if it says something new. */
export interface Dedup extends Stage {
  /** Has the target been told of this alert at all? */
  isKnown(alert: Pick<Alert, 'space' | 'id'>): boolean;
  /** Takes note of a record of the delivery log, in any order. */
  remember(delivery: Delivery): void;
  /** Forgets alerts of which nothing was recorded since `before` (UTC ms). */
  forget(before: number): void;
  readonly size: number;
}

// The log itself keeps no more alerts of a space that keeps its budget; beyond it the oldest is forgotten.
const toldMax = 100_000;

/**
 * A change is worth a message when the alert's status changes or its severity enters a higher band; one more signal
 * of the same kind is not.
 *
 * @param tellsUpdates does the target want changes at all?
 */
export function createDedup(tellsUpdates: boolean): Dedup {
  const told = new Map<string, Told>();
  return {
    name: 'dedup',
    refusalOf: (alert) => {
      const before = told.get(alertKey(alert.space, alert.id));
      if (before === undefined) return undefined;
      if (alert.revision <= before.revision) return 'told already';
      if (!tellsUpdates) return 'changes are not told to this target';
      return isNews(before, alert) ? undefined : 'nothing new';
    },
    isKnown: (alert) => told.has(alertKey(alert.space, alert.id)),
    remember: ({ space, alert, revision, alert_status: status, severity, time }) => {
      const key = alertKey(space, alert);
      const before = told.get(key);
      if (before !== undefined && before.revision > revision) return;
      told.delete(key); // so that the map's order is that of the newest record
      told.set(key, { revision, status: status ?? '', severity: severity ?? 0, time });
      if (told.size > toldMax) forgetOldest(told);
    },
    forget: (before) => {
      for (const [key, { time }] of told) if (time < before) told.delete(key);
    },
    get size() {
      return told.size;
    },
  };
}

function isNews(before: Told, alert: Alert): boolean {
  return alert.status !== before.status || severityBand(alert.severity) > severityBand(before.severity);
}

/**
 * The band of a severity from 0 to 100: 1 low, 2 medium, 3 high, 4 critical, as OCSF's `severity_id` less one.
 *
 * @example severityBand(75); // => 4
 */
export function severityBand(severity: number): number {
  return Math.min(4, 1 + Math.floor(severity / 25));
}

function alertKey(space: string, id: string): string {
  return `${space}/${id}`;
}

function forgetOldest(told: Map<string, Told>): void {
  for (const key of told.keys()) {
    told.delete(key);
    return;
  }
}
