import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createDecisions } from '../../../services/scorer/decisions.ts';
import { detectors } from '../../../services/scorer/detectors/index.ts';
import { createEngine } from '../../../services/scorer/engine.ts';
import { simulate } from '../../../services/simulator/simulate.ts';

const agents = 20_000; // each knows as much as one of 100,000 does, after a fifth of the time
const seed = 7;

/** What an agent costs an engine with every detector, after a simulated day in which it made all its calls, bytes. */
export function bytesPerAgent(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const used = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const { events } = simulate({ agents, days: 1, seed, attacks: [], callsPerAgentDay: 10 });
  const before = used();
  const engine = createEngine({ detectors, decisions: createDecisions(), onSignal: () => undefined });
  let n = 0;
  for (const { event } of events) {
    const complete = { ...event, id: `event-${n}`, received_at: event.time, space: 'default' };
    engine.process(complete, 'both');
    n += 1;
  }
  return (used() - before) / engine.agents;
}
