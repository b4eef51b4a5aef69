import { type AttackInstance, simulate } from '../../../../services/simulator/simulate.ts';
import { atLeast, type BenchRow, plain } from '../../report.ts';
import type { Scratch } from '../backtest.ts';
import { dayMs, hourMs, networkStart } from './network-run.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';

const learnDays = 10;
const chains = 40;
const network = {
  agents: 1000,
  days: 14,
  callsPerAgentDay: 50,
  seed: 501,
  attacks: ['lateral-movement'],
  times: chains,
  quietShare: learnDays / 14,
} as const;
/** Nine alerts a day for 10,000 agents, as Hopper has: this network is a tenth of that. */
const alertsPerDay = 0.9;
const progressEvery = 200_000;

interface Branch {
  readonly instance: AttackInstance;
  readonly pipeline: Pipeline;
  readonly hostile: Set<string>;
}

/**
 * Chains over three hops, each in a world of its own: when one begins, a copy of the pipeline goes on with it, and the
 * pipeline itself goes on without. So each chain meets the thresholds of a network that is not attacked all the time.
 */
export async function benchChains(_data: string, scratch: Scratch) {
  const learnUntil = networkStart + learnDays * dayMs;
  const { instances, decisions, events } = simulate({ ...network, start: networkStart });
  const main = createPipeline({ decisions, alertsPerDay, learnUntil });
  const open = new Map<number, Branch>();
  const found: { readonly isFound: boolean; readonly isChain: boolean }[] = [];
  const close = (branch: Branch) => {
    open.delete(branch.instance.instance);
    const about = branch.pipeline.alerts.filter((alert) => alert.events.some((id) => branch.hostile.has(id)));
    const isChain = about.some((alert) => alert.detectors.includes('lateral-chain'));
    found.push({ isFound: about.length > 0, isChain });
  };
  let n = 0;
  for (const { event, instance } of events) {
    n += 1;
    if (n % progressEvery === 0) scratch.say(`simulator: chains, ${n} events`);
    for (const branch of open.values()) if (event.time > branch.instance.to + hourMs) close(branch);
    if (instance === 0) {
      main.take(event, n);
      for (const { pipeline } of open.values()) pipeline.take(event, n);
      continue;
    }
    const known = instances[instance - 1];
    if (known === undefined) continue;
    const branch = open.get(instance) ?? { instance: known, pipeline: main.fork(), hostile: new Set() };
    open.set(instance, branch);
    branch.hostile.add(String(n));
    branch.pipeline.take(event, n);
  }
  for (const branch of open.values()) close(branch);
  const share = (is: (one: (typeof found)[number]) => boolean) =>
    (100 * found.filter(is).length) / found.length;
  const name = `three-hop chains found at ${alertsPerDay} alerts a day for ${network.agents} agents`;
  const told = new Set(main.alerts.map(({ id }) => id)).size / (network.days - learnDays);
  const rows: BenchRow[] = [
    atLeast(
      `simulator ${name}`,
      share(({ isFound }) => isFound),
      `% of ${found.length}`,
      95,
      'Hopper 94.5 %',
    ),
    plain(
      'simulator three-hop chains told as a chain',
      share(({ isChain }) => isChain),
      '%',
    ),
    plain('simulator alerts a day of that network without chains', told, 'a day'),
  ];
  return { rows, curves: [] };
}
