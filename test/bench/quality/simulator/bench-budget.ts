import { detectors } from '../../../../services/scorer/detectors/index.ts';
import type { SimulateOptions } from '../../../../services/simulator/simulate.ts';
import { atMost, type BenchRow, within } from '../../report.ts';
import { backtested, type Scratch } from '../backtest.ts';
import {
  dayMs,
  networkStart,
  type RecordedNetwork,
  recordNetwork,
  type Told,
  tellNetwork,
} from './network-run.ts';

const quiet: SimulateOptions = { agents: 120, days: 42, callsPerAgentDay: 60, seed: 201, attacks: [] };
const budgets = [1, 10, 100];
const learnDays = 14;
const weekMs = 7 * dayMs;
const learnUntil = networkStart + learnDays * dayMs;
const bar = [0.5, 1.5] as const;
/** Traffic of people, services and models: as ever for three weeks, double for two, then half of what it was. */
const growth = { seed: 202, budget: 10, callsPerAgentDay: 120, agents: 60 } as const;
const doubledFrom = networkStart + 21 * dayMs;
const halvedFrom = networkStart + 35 * dayMs;
const days = 49;

/** Weeks in which nothing happens: the budget is kept, also when traffic doubles or halves, and no rule is broken. */
export async function benchBudget(_data: string, scratch: Scratch) {
  const month = await recordNetwork(scratch, 'quiet', quiet);
  const rows: BenchRow[] = [];
  for (const budget of budgets) {
    const told = await tellNetwork(scratch, month, { budget, learnUntil });
    rows.push(...weekRows(told, { name: `quiet month, ${budget} a day`, budget, days: quiet.days }));
  }
  rows.push(atMost('simulator rule findings in a clean month', await ruleFindings(month), '', 0));
  const load = (time: number) => (time < doubledFrom ? 1 : time < halvedFrom ? 2 : 0.5);
  const changing = await recordNetwork(scratch, 'changing', { ...quiet, ...growth, days, load });
  const told = await tellNetwork(scratch, changing, { budget: growth.budget, learnUntil });
  const name = 'traffic doubles in week 2, halves in week 4';
  rows.push(...weekRows(told, { name, budget: growth.budget, days }));
  return { rows, curves: [] };
}

/** Alerts of each week as a share of the budget. */
function weekRows(
  told: readonly Told[],
  of: { readonly name: string; readonly budget: number; readonly days: number },
): readonly BenchRow[] {
  const weeks = Math.floor((of.days - learnDays) / 7);
  return Array.from({ length: weeks }, (_, week) => {
    const from = learnUntil + week * weekMs;
    const alerts = told.filter(
      ({ revision, time }) => revision === 1 && time >= from && time < from + weekMs,
    );
    const share = alerts.length / (7 * of.budget);
    return within(`simulator ${of.name}: week ${week + 1}`, share, 'of budget', bar);
  });
}

/** How many events of the whole network some rule objects to, with its policy and registry in force. */
async function ruleFindings({ file, labels, decisions }: RecordedNetwork): Promise<number> {
  const rules = detectors.filter(({ kind }) => kind === 'rule');
  const { scores } = await backtested(file, {
    rows: labels.length,
    detectors: rules,
    ...(decisions !== undefined && { decisions }),
  });
  return scores.filter((score) => score > 0).length;
}
