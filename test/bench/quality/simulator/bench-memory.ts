import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createDecisions } from '../../../../services/scorer/decisions.ts';
import { detectors } from '../../../../services/scorer/detectors/index.ts';
import { createEngine } from '../../../../services/scorer/engine/engine.ts';
import { simulate } from '../../../../services/simulator/simulate.ts';
import { atMost, type BenchRow, plain } from '../../report.ts';
import type { Scratch } from '../backtest.ts';
import { networkStart } from './network-run.ts';

// So many that what is kept once, and half-empty small tables, weigh little, as they do with 100,000.
const network = { agents: 20_000, days: 1, callsPerAgentDay: 40, seed: 901, attacks: [] } as const;
const manyAgents = 100_000;
const anchor = 'OpenSearch 400 KB an entity and feature';

/** What an engine with every detector keeps in memory of each agent: heap and typed arrays, after collection. */
export async function benchMemory(_data: string, scratch: Scratch) {
  const { events, decisions: declared } = simulate({ ...network, start: networkStart });
  const decisions = createDecisions();
  for (const decision of declared) decisions.apply(decision.key, decision);
  const before = bytesInUse();
  const engine = createEngine({ detectors, decisions, onSignal: () => undefined });
  let n = 0;
  for (const { event } of events) {
    engine.process({ ...event, id: String(n), received_at: event.time, space: 'default' }, 'both');
    n += 1;
  }
  scratch.say(`simulator: memory of ${engine.agents} agents after ${n} events`);
  const bytes = (bytesInUse() - before) / engine.agents;
  const rows: BenchRow[] = [
    atMost('simulator memory an agent, every detector', bytes / 1024, 'KB', 8, anchor),
    atMost('simulator memory of 100,000 agents at that', (bytes * manyAgents) / 1024 ** 3, 'GB', 1),
    plain('simulator events an agent before memory was measured', n / engine.agents, ''),
  ];
  return { rows, curves: [] };
}

function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
