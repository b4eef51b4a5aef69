import { attackCall } from '../attack-call.ts';
import { between, exponential, logNormal, pick } from '../draws.ts';
import { agentOutside } from '../outsiders.ts';
import { type Attack, attack, minuteMs, timesUntil } from './attack.ts';

/** Gigabytes leave in half an hour. */
export const exfiltrationFast: Attack = {
  name: 'exfiltration-fast',
  summary: 'An app sends large bodies to a host outside that nobody ever called',
  techniques: [attack('T1048', 'Exfiltration Over Alternative Protocol')],
  plan: ({ world, random, start }) => {
    const source = pick(random, world.byRole.app);
    const destination = agentOutside(random);
    const to = start + between(random, 15, 40) * minuteMs;
    function* events() {
      for (const time of timesUntil(start, to, () => exponential(random, 20_000))) {
        const shape = { protocol: 'http', action: 'PUT /upload', bytesOut: logNormal(random, 2e7, 0.4) };
        yield attackCall({ time, source, destination, ...shape, durationMs: 4000 }, random);
      }
    }
    return { agents: [source.id, destination.id], to, events: events() };
  },
};
