import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttackInstance, attackNames, simulate } from '../../../services/simulator/simulate.ts';
import { type BenchRow, plain, within } from '../report.ts';
import { backtested, cacheOf, type OutcomeAlert, type Scratch } from './backtest.ts';
import type { Curve } from './picture.ts';

const network = { agents: 200, days: 28, callsPerAgentDay: 60 } as const;
const start = Date.UTC(2026, 0, 5);
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const learnDays = 14;
const seeds = { attacks: 101, quiet: 202 } as const;
const budget = 10;
const timesEach = 3;
/** An alert counts until an hour after the attack's last event: what it does may show only then. */
const graceMs = hourMs;

/** The product's own network: what of each attack is found and when, and whether quiet weeks keep the budget. */
export async function benchSimulator(
  _data: string,
  scratch: Scratch,
): Promise<{ readonly rows: readonly BenchRow[]; readonly curves: readonly Curve[] }> {
  const attacked = await run(scratch, 'attacks', { seed: seeds.attacks, attacks: attackNames });
  const quiet = await run(scratch, 'quiet', { seed: seeds.quiet, attacks: [] });
  const found = attacked.instances.map((instance) => foundAt(instance, attacked.alerts));
  const ofAttack = (name: string) => found.filter((_, i) => attacked.instances[i]?.attack === name);
  return {
    rows: [
      plain('simulator attacks found', (100 * found.filter(isFound).length) / found.length, '%'),
      ...attackNames.flatMap((name) => attackRows(name, ofAttack(name))),
      ...weekRows(quiet.alerts),
    ],
    curves: [],
  };
}

async function run(
  scratch: Scratch,
  name: string,
  options: { readonly seed: number; readonly attacks: readonly string[] },
): Promise<{ readonly instances: readonly AttackInstance[]; readonly alerts: readonly OutcomeAlert[] }> {
  const file = join(cacheOf(scratch, 'simulator'), `${name}.ndjson`);
  const { instances, events } = simulate({ ...network, ...options, times: timesEach, start });
  const lines: string[] = [];
  for (const { event } of events) lines.push(JSON.stringify(event));
  writeFileSync(file, `${lines.join('\n')}\n`);
  scratch.say(`simulator: backtest of ${lines.length} events (${name})`);
  const learnUntil = start + learnDays * dayMs;
  const { alerts } = await backtested(file, { budget, learnUntil, rows: lines.length });
  return { instances, alerts };
}

/** How long after its beginning an attack was told of, ms; infinite where it was not. */
function foundAt(instance: AttackInstance, alerts: readonly OutcomeAlert[]): number {
  const parties = new Set(instance.agents);
  const times = alerts
    .filter(({ agent, time }) => parties.has(agent) && time >= instance.from && time <= instance.to + graceMs)
    .map(({ time }) => time - instance.from);
  return Math.min(Number.POSITIVE_INFINITY, ...times);
}

const isFound = (afterMs: number) => Number.isFinite(afterMs);

function attackRows(name: string, found: readonly number[]): readonly BenchRow[] {
  const times = found.filter(isFound).sort((left, right) => left - right);
  const recall = (100 * times.length) / Math.max(1, found.length);
  const median = times[Math.floor(times.length / 2)];
  return [
    plain(`simulator ${name}: found`, recall, '%'),
    ...(median === undefined ? [] : [plain(`simulator ${name}: after`, median / 60_000, 'min')]),
  ];
}

/** Alerts of quiet weeks as a share of the budget. */
function weekRows(alerts: readonly OutcomeAlert[]): readonly BenchRow[] {
  const weeks = (network.days - learnDays) / 7;
  return Array.from({ length: weeks }, (_, week) => {
    const from = start + (learnDays + week * 7) * dayMs;
    const told = alerts.filter(({ time }) => time >= from && time < from + 7 * dayMs).length;
    const name = `simulator quiet week ${week + 1}: alerts of ${budget} a day`;
    return within(name, told / (7 * budget), 'of budget', [0.5, 1.5], 'none');
  });
}
