import { attributeNames } from '#shared/attributes.ts';
import { between, pick } from '../draws.ts';
import { type Attack, attack, hourMs } from './attack.ts';

/** Tokens of an LLM agent suddenly allow more. */
export const scopeGrowth: Attack = {
  name: 'scope-growth',
  summary: "An LLM agent's tokens carry a scope that they never had",
  techniques: [attack('T1098', 'Account Manipulation')],
  plan: ({ world, random, start }) => {
    const victim = pick(random, world.byRole.llm);
    const to = start + between(random, 12, 24) * hourMs;
    return {
      agents: [victim.id],
      to,
      events: [],
      disturb: (event) =>
        event.source === victim.id
          ? {
              ...event,
              attributes: { ...event.attributes, [attributeNames.tokenScope]: 'tools:call admin:write' },
            }
          : event,
    };
  },
};
