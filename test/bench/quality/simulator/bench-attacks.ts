import { attackNames } from '../../../../services/simulator/simulate.ts';
import { ruleAttacks } from '../../../support/rule-attacks.ts';
import { atLeast, type BenchRow, plain } from '../../report.ts';
import type { Scratch } from '../backtest.ts';
import type { Curve } from '../picture.ts';
import {
  attacksFound,
  type FoundAttack,
  medianMinutes,
  mixedAlerts,
  recallOf,
  shareInOneIncident,
} from './attacks-found.ts';
import { dayMs, networkStart, recordNetwork, tellNetwork } from './network-run.ts';

const seeds = [101, 102, 103];
const learnDays = 14;
const network = {
  agents: 150,
  days: 24,
  callsPerAgentDay: 60,
  attacks: attackNames,
  times: 3,
  quietShare: learnDays / 24,
} as const;
const budget = 10;
/** Budgets for the curve, on the first seed alone. */
const otherBudgets = [1, 100];

/** Each attack of the catalogue in networks that nobody tuned on: what is found, when, in how many incidents. */
export async function benchAttacks(_data: string, scratch: Scratch) {
  const found: FoundAttack[] = [];
  const days = seeds.length * (network.days - learnDays);
  const mix = { mixed: 0, alerts: 0 };
  let alerts = 0;
  const points: (readonly [number, number])[] = [];
  for (const seed of seeds) {
    const recorded = await recordNetwork(scratch, `attacks-${seed}`, { ...network, seed });
    const learnUntil = networkStart + learnDays * dayMs;
    const told = await tellNetwork(scratch, recorded, { budget, learnUntil });
    found.push(...attacksFound(recorded, told));
    const own = mixedAlerts(recorded, told);
    mix.mixed += own.mixed;
    mix.alerts += own.alerts;
    alerts += new Set(told.map(({ id }) => id)).size;
    if (seed !== seeds[0]) continue;
    points.push([budget, recallOf(attacksFound(recorded, told)) / 100]);
    for (const other of otherBudgets) {
      const toldThen = await tellNetwork(scratch, recorded, { budget: other, learnUntil });
      points.push([other, recallOf(attacksFound(recorded, toldThen)) / 100]);
    }
  }
  const rows: BenchRow[] = [
    plain('simulator attacks found', recallOf(found), `% of ${found.length}`),
    plain(`simulator alerts, budget of ${budget}`, alerts / days, 'a day'),
    atLeast('simulator tellings of one cause in one incident', shareInOneIncident(found), '%', 95),
    plain(
      'simulator alerts that mix two attacks or more',
      (100 * mix.mixed) / mix.alerts,
      '% of those of attacks',
    ),
    ...attackNames.flatMap((name) => attackRows(name, found)),
  ];
  return { rows, curves: [recallByBudget(points)] };
}

function attackRows(name: string, found: readonly FoundAttack[]): readonly BenchRow[] {
  const own = found.filter(({ attack }) => attack === name);
  const label = `simulator ${name}: found`;
  const unit = `% of ${own.length}`;
  const minutes = medianMinutes(own);
  return [
    // The issue sets a bar for those of which a rule is broken.
    ruleAttacks.includes(name) ? atLeast(label, recallOf(own), unit, 95) : plain(label, recallOf(own), unit),
    ...(minutes === undefined
      ? []
      : [plain(`simulator ${name}: median time to it`, Number(minutes.toFixed(2)), 'min')]),
    plain(`simulator ${name}: in one incident`, shareInOneIncident(own), '%'),
  ];
}

function recallByBudget(points: readonly (readonly [number, number])[]): Curve {
  const sorted = points.toSorted((left, right) => left[0] - right[0]);
  return {
    title: 'simulator: attacks found by budget',
    x: { label: 'alerts a day', ticks: sorted.map(([x]) => x), isLog: true },
    y: { label: 'share of attacks found', ticks: [0, 0.25, 0.5, 0.75, 1] },
    lines: [{ name: 'found', points: sorted }],
  };
}
