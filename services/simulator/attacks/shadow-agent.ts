import type { SimulatedAgent } from '../agent.ts';
import { attackCall } from '../attack-call.ts';
import { between, exponential, hex, pick } from '../draws.ts';
import { type Attack, atlas, hourMs, minuteMs, timesUntil } from './attack.ts';

/** An agent that nobody registered uses the tools of the house. */
export const shadowAgent: Attack = {
  name: 'shadow-agent',
  summary: 'An LLM agent that nobody declared or ever saw uses tools, anonymously',
  techniques: [atlas('AML.T0118', 'Autonomous AI Agent Communication')],
  plan: ({ world, random, start }) => {
    const model = pick(random, world.byRole.llm);
    const source: SimulatedAgent = {
      ...model,
      id: `shadow-${hex(random, 6)}`,
      address: '10.4.250.9',
      restarts: [],
    };
    const destination = pick(random, world.byRole.tool);
    const to = start + between(random, 1, 3) * hourMs;
    function* events() {
      for (const time of timesUntil(start, to, () => exponential(random, 2 * minuteMs))) {
        const action = pick(random, ['tools/list', 'tools/call:search', 'tools/call:read_file']);
        const call = attackCall(
          { time, source, destination, protocol: 'mcp', action, session: 'shadow' },
          random,
        );
        const { auth_subject, token_id, token_issued_at, token_expires_at, ...anonymous } = call;
        yield { ...anonymous, auth_method: 'none' };
      }
    }
    return { agents: [source.id, destination.id], to, events: events() };
  },
};
