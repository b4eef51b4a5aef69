import { attackCall } from '../attack-call.ts';
import { between, exponential, pick } from '../draws.ts';
import { type Attack, attack } from './attack.ts';

const targetsMax = 60;

/** A device knocks on many doors. */
export const scan: Attack = {
  name: 'scan',
  summary: 'A device calls dozens of agents that it never called; most refuse',
  techniques: [attack('T1046', 'Network Service Discovery')],
  plan: ({ world, random, start }) => {
    const source = pick(random, world.byRole.device);
    const others = world.agents.filter((agent) => agent !== source && agent.kind === 'service');
    const targets = Array.from({ length: Math.min(targetsMax, others.length * 2) }, () =>
      pick(random, others),
    );
    const times = targets.reduce<number[]>(
      (before) => [...before, (before.at(-1) ?? start) + exponential(random, 4000)],
      [],
    );
    const to = (times.at(-1) ?? start) + 1000;
    function* events() {
      for (const [i, destination] of targets.entries()) {
        const time = times[i] ?? start;
        const outcome = random.next() < 0.8 ? 'denied' : 'timeout';
        const shape = { protocol: 'tcp', action: 'connect', bytesOut: 60, bytesIn: 0, outcome } as const;
        yield attackCall({ time, source, destination, ...shape, durationMs: between(random, 1, 50) }, random);
      }
    }
    return { agents: [source.id], to, events: events() };
  },
};
