import type { AttackInstance } from '../../../../services/simulator/simulate.ts';
import { hourMs, type RecordedNetwork, type Told } from './network-run.ts';

/** What became of one attack. */
export interface FoundAttack {
  readonly attack: string;
  /** How long after it first showed it was told of, ms; infinite where it was not. */
  readonly afterMs: number;
  /** What was told of it: alerts and their revisions. */
  readonly tellings: number;
  /** How many of these belong to the alert that has most of them. */
  readonly inOne: number;
}

/** An attack that only hides events counts as found by an alert about it until an hour after its end. */
const graceMs = hourMs;

/**
 * Which attacks were told of. An alert is about an attack when one of its sample events is one of the attack's; where
 * an attack leaves none but hides some, when it is about one of its agents while it lasts. Attacks that did not show
 * in any event, because their victim was silent, are left out.
 */
export function attacksFound(network: RecordedNetwork, told: readonly Told[]): readonly FoundAttack[] {
  const byInstance = new Map<number, Told[]>();
  for (const one of told) {
    const instances = new Set(one.lines.map((line) => network.labels[line] ?? 0));
    for (const instance of instances) {
      if (instance === 0) continue;
      const known = byInstance.get(instance);
      if (known === undefined) byInstance.set(instance, [one]);
      else known.push(one);
    }
  }
  return network.instances
    .filter(({ instance, attack }) => network.shownAt.has(instance) || isHiding(attack))
    .map((instance) => {
      const shownAt = network.shownAt.get(instance.instance);
      return shownAt === undefined
        ? foundAttack(
            instance,
            instance.from,
            told.filter((one) => isAbout(instance, one)),
          )
        : foundAttack(instance, shownAt, byInstance.get(instance.instance) ?? []);
    });
}

const isHiding = (attack: string) => attack === 'log-tampering';

function isAbout({ agents, from, to }: AttackInstance, { agent, time }: Told): boolean {
  return agents.includes(agent) && time >= from && time <= to + graceMs;
}

function foundAttack({ attack }: AttackInstance, shownAt: number, about: readonly Told[]): FoundAttack {
  const ofAlert = new Map<string, number>();
  for (const { id } of about) ofAlert.set(id, (ofAlert.get(id) ?? 0) + 1);
  return {
    attack,
    afterMs: Math.min(Number.POSITIVE_INFINITY, ...about.map(({ time }) => Math.max(0, time - shownAt))),
    tellings: about.length,
    inOne: Math.max(0, ...ofAlert.values()),
  };
}

/** How many of the alerts that show an attack show two or more: causes that were thrown together. */
export function mixedAlerts(
  { labels }: RecordedNetwork,
  told: readonly Told[],
): { readonly mixed: number; readonly alerts: number } {
  const shown = new Map<string, Set<number>>();
  for (const { id, lines } of told) {
    const instances = shown.get(id) ?? new Set();
    shown.set(id, instances);
    for (const line of lines) if ((labels[line] ?? 0) > 0) instances.add(labels[line] ?? 0);
  }
  const counts = [...shown.values()].map(({ size }) => size);
  return {
    mixed: counts.filter((count) => count > 1).length,
    alerts: counts.filter((count) => count > 0).length,
  };
}

/** The share of attacks that were told of, in per cent. */
export function recallOf(found: readonly FoundAttack[]): number {
  return (100 * found.filter(({ afterMs }) => Number.isFinite(afterMs)).length) / Math.max(1, found.length);
}

/** Median time to the first telling of those that were told of, minutes; `undefined` where none was. */
export function medianMinutes(found: readonly FoundAttack[]): number | undefined {
  const times = found.map(({ afterMs }) => afterMs).filter(Number.isFinite);
  times.sort((left, right) => left - right);
  const median = times[Math.floor(times.length / 2)];
  return median === undefined ? undefined : median / 60_000;
}

/** The share of tellings that belong to their attack's largest alert, in per cent: the rest are incidents too many. */
export function shareInOneIncident(found: readonly FoundAttack[]): number {
  const tellings = found.reduce((sum, one) => sum + one.tellings, 0);
  const inOne = found.reduce((sum, one) => sum + one.inOne, 0);
  return (100 * inOne) / Math.max(1, tellings);
}
