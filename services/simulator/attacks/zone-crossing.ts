import { attackCall } from '../attack-call.ts';
import { between, exponential, pick } from '../draws.ts';
import { type Attack, attack, minuteMs, timesUntil } from './attack.ts';

/** A device talks to a store: no zone of devices may reach the data. */
export const zoneCrossing: Attack = {
  name: 'zone-crossing',
  summary: 'A device calls a store directly, from a zone that never reaches the data zone',
  techniques: [attack('T1021', 'Remote Services')],
  plan: ({ world, random, start }) => {
    const source = pick(random, world.byRole.device);
    const destination = pick(random, world.byRole.store);
    const to = start + between(random, 10, 40) * minuteMs;
    function* events() {
      for (const time of timesUntil(start, to, () => exponential(random, 2 * minuteMs))) {
        yield attackCall({ time, source, destination, protocol: 'tcp', action: 'select' }, random);
      }
    }
    return { agents: [source.id, destination.id], to, events: events() };
  },
};
