import type { Alert } from '#shared/alert.ts';
import type { Clock } from '#shared/clock.ts';
import type { Arrived } from './receiver.ts';
import { type Attack, attackOf, type Slice } from './slice.ts';
import { alertLines, type Terminal, webhookLine } from './terminal.ts';

/** What has happened so far. */
export interface Watch {
  readonly startedAt: number;
  /** What moves the recording's times so that its last call is now, ms. */
  readonly shiftMs: number;
  readonly alerts: Map<string, Alert>;
  readonly told: Set<string>;
  readonly found: Set<Attack>;
  readonly counts: { webhooks: number; forged: number; firstAlertAt: number | undefined; lastNewsAt: number };
  readonly onAlert: (alert: Alert) => void;
  readonly onWebhook: (arrived: Arrived) => void;
}

/** Takes in what happens and prints it. */
export function createWatch(terminal: Terminal, { calls, attacks }: Slice, clock: Clock): Watch {
  const startedAt = clock.now();
  const shiftMs = startedAt - (calls.at(-1)?.time ?? startedAt);
  const alerts = new Map<string, Alert>();
  const told = new Set<string>();
  const found = new Set<Attack>();
  const counts: Watch['counts'] = { webhooks: 0, forged: 0, firstAlertAt: undefined, lastNewsAt: startedAt };
  return {
    startedAt,
    shiftMs,
    alerts,
    told,
    found,
    counts,
    onAlert: (alert) => {
      counts.lastNewsAt = clock.now();
      counts.firstAlertAt ??= counts.lastNewsAt;
      const attack = attackOf(attacks, alert.agent, alert.time - shiftMs);
      if (attack !== undefined) found.add(attack);
      if (!alerts.has(alert.id)) terminal.print(...alertLines(terminal, alert, attack));
      alerts.set(alert.id, alert);
    },
    onWebhook: (arrived) => {
      counts.lastNewsAt = clock.now();
      counts.webhooks += 1;
      if (!arrived.isGenuine) counts.forged += 1;
      else told.add(arrived.alert);
      terminal.print(webhookLine(terminal, arrived));
    },
  };
}
