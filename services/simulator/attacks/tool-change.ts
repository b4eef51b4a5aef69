import { attributeNames } from '#shared/attributes.ts';
import { stableHash } from '../call.ts';
import { between, pick } from '../draws.ts';
import { type Attack, atlas, hourMs } from './attack.ts';

/** A tool server offers other tools, or the same with other descriptions, than it did yesterday. */
export const toolChange: Attack = {
  name: 'tool-change',
  summary: "A tool server's tools change under its callers: names, descriptions or schemas are others",
  techniques: [atlas('AML.T0110', 'AI Agent Tool Poisoning')],
  plan: ({ world, random, start }) => {
    const victim = pick(random, world.byRole.tool);
    const to = start + between(random, 12, 24) * hourMs;
    const toolsHash = stableHash(`poisoned ${victim.id} ${start}`);
    return {
      agents: [victim.id],
      to,
      events: [],
      disturb: (event) =>
        event.destination === victim.id
          ? { ...event, attributes: { ...event.attributes, [attributeNames.toolsHash]: toolsHash } }
          : event,
    };
  },
};
