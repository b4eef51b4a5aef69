import { attackCall } from '../attack-call.ts';
import { between, exponential, logNormal, pick } from '../draws.ts';
import { agentOutside } from '../outsiders.ts';
import { type Attack, attack, hourMs, minuteMs, timesUntil } from './attack.ts';

/** Small pieces over two days, each of a size that nobody would look at. */
export const exfiltrationSlow: Attack = {
  name: 'exfiltration-slow',
  summary: 'A store is drained in small pieces over two days, to a host outside',
  techniques: [attack('T1030', 'Data Transfer Size Limits'), attack('T1029', 'Scheduled Transfer')],
  plan: ({ world, random, start }) => {
    const source = pick(random, world.byRole.store);
    const destination = agentOutside(random);
    const to = start + between(random, 36, 48) * hourMs;
    function* events() {
      for (const time of timesUntil(start, to, () => exponential(random, 20 * minuteMs))) {
        const shape = { protocol: 'http', action: 'POST /sync', bytesOut: logNormal(random, 60_000, 0.3) };
        yield attackCall({ time, source, destination, ...shape }, random);
      }
    }
    return { agents: [source.id, destination.id], to, events: events() };
  },
};
