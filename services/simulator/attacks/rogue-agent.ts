import { attackCall } from '../attack-call.ts';
import { between, exponential, hex, pick } from '../draws.ts';
import { type Attack, atlas, hourMs, minuteMs, timesUntil } from './attack.ts';

/** An LLM agent pursues something of its own at night. */
export const rogueAgent: Attack = {
  name: 'rogue-agent',
  summary: 'At night an LLM agent calls stores and other agents that are none of its business',
  techniques: [
    atlas('AML.T0118', 'Autonomous AI Agent Communication'),
    atlas('AML.T0053', 'AI Agent Tool Invocation'),
  ],
  plan: ({ world, random, start }) => {
    const source = pick(random, world.byRole.llm);
    const others = world.byRole.llm.filter((agent) => agent !== source);
    const reached = [...(others.length > 0 ? [pick(random, others)] : []), pick(random, world.byRole.store)];
    // The next night: from one to five o'clock.
    const night = Math.ceil(start / (24 * hourMs)) * 24 * hourMs + hourMs;
    const to = night + between(random, 2, 4) * hourMs;
    function* events() {
      for (const time of timesUntil(night, to, () => exponential(random, 1.5 * minuteMs))) {
        const destination = pick(random, reached);
        const isPeer = destination.kind === 'llm_agent';
        const shape = isPeer
          ? { protocol: 'a2a', action: 'SendMessage' }
          : { protocol: 'tcp', action: 'select', bytesIn: 50_000 };
        yield attackCall({ time, source, destination, ...shape, session: hex(random, 16) }, random);
      }
    }
    return { agents: [source.id, ...reached.map((agent) => agent.id)], to, events: events() };
  },
};
