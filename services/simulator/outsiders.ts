import type { Random } from '#shared/random.ts';
import type { SimulatedAgent } from './agent.ts';
import { hex } from './draws.ts';

/** A host on the Internet that nobody has called before. */
export function agentOutside(random: Random): SimulatedAgent {
  const number = Math.floor(random.next() * 65_536);
  return {
    id: `${hex(random, 8)}.example`,
    kind: 'external',
    zone: 'internet',
    address: `198.51.${number >> 8}.${number & 255}`,
    skewMs: 0,
    deployments: [{ at: 0, version: '1.0.0', latencyFactor: 1 }],
    restarts: [],
  };
}
