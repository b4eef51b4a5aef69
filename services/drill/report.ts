import type { Alert } from '#shared/alert.ts';

/** An attack as the simulator announces it. */
export interface DrillAttack {
  readonly instance: number;
  readonly attack: string;
  /** UTC ms, event time. */
  readonly from: number;
  readonly to: number;
  /** Whom a defender should look at. */
  readonly agents: readonly string[];
  readonly techniques: readonly { readonly framework: string; readonly id: string; readonly name: string }[];
}

/** What became of one attack. */
interface DrillResult extends DrillAttack {
  readonly is_detected: boolean;
  /** Event time from its beginning to the first alert about it, ms; `null` when there was none. */
  readonly delay_ms: number | null;
  readonly alert: string | null;
  readonly title: string | null;
  /** Strongest first. */
  readonly detectors: readonly string[];
}

/** What a drill found out. */
export interface DrillReport {
  readonly space: string;
  readonly events: number;
  readonly alerts: number;
  /** Alerts about no attack. */
  readonly others: number;
  readonly results: readonly DrillResult[];
}

/** An alert belongs to an attack that it names an agent of, from just before it to an hour after its end. */
const beforeMs = 5 * 60_000; // the window in which it begins may have begun before it
const afterMs = 60 * 60_000;

/** Finds for each attack the first alert about it. */
export function drillReport(
  drill: { readonly space: string; readonly events: number; readonly attacks: readonly DrillAttack[] },
  alerts: readonly Alert[],
): DrillReport {
  const belongs = (alert: Alert, attack: DrillAttack) =>
    alert.updated_at >= attack.from - beforeMs &&
    alert.time <= attack.to + afterMs &&
    [alert.agent, ...alert.peers].some((agent) => attack.agents.includes(agent));
  const results = drill.attacks.map((attack): DrillResult => {
    const about = alerts.filter((alert) => belongs(alert, attack)).sort((a, b) => a.time - b.time);
    const [first] = about;
    return {
      ...attack,
      is_detected: first !== undefined,
      delay_ms: first === undefined ? null : Math.max(0, first.time - attack.from),
      alert: first?.id ?? null,
      title: first?.title ?? null,
      detectors: byStrength(about),
    };
  });
  const others = alerts.filter((alert) => !drill.attacks.some((attack) => belongs(alert, attack)));
  return {
    space: drill.space,
    events: drill.events,
    alerts: alerts.length,
    others: others.length,
    results,
  };
}

/** The detectors behind alerts, the one with the least p in any of them first. */
function byStrength(alerts: readonly Alert[]): readonly string[] {
  const least = new Map<string, number>();
  for (const { detectors } of alerts) for (const detector of detectors) least.set(detector, 1);
  for (const { detector, p } of alerts.flatMap(({ evidence }) => evidence))
    if (p < (least.get(detector) ?? 0)) least.set(detector, p);
  return [...least].sort((a, b) => a[1] - b[1]).map(([detector]) => detector);
}

/** The report as a table for a terminal, and a sentence that sums it up. */
export function drillText(report: DrillReport): string {
  const rows = report.results.map((result) => [
    result.attack,
    result.is_detected ? 'detected' : 'MISSED',
    result.delay_ms === null ? '' : `after ${Math.round(result.delay_ms / 60_000)} min`,
    result.detectors.slice(0, 4).join(', '),
  ]);
  const table = [['attack', 'result', 'delay', 'detected by'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const detected = report.results.filter((result) => result.is_detected).length;
  const summary =
    `${detected} of ${report.results.length} attacks detected in ${report.events.toLocaleString('en')} events; ` +
    `${report.alerts} alerts, ${report.others} of them about something else`;
  return `${lines.join('\n')}\n${summary}\n`;
}
