import { attackCall } from '../attack-call.ts';
import { between, pick } from '../draws.ts';
import { agentOutside } from '../outsiders.ts';
import { type Attack, attack, timesUntil } from './attack.ts';

const intervals = 40;

/** An implant asks its master for orders, in a period with jitter. */
export const beacon: Attack = {
  name: 'beacon',
  summary:
    'A service calls a host outside in a period of half a minute to four hours, with up to 50 % jitter',
  techniques: [attack('T1071.001', 'Application Layer Protocol: Web Protocols')],
  plan: ({ world, random, start }) => {
    const source = pick(random, [...world.byRole.app, ...world.byRole.human]);
    const destination = agentOutside(random);
    const periodMs = 1000 * Math.exp(between(random, Math.log(30), Math.log(14_400)));
    const jitter = between(random, 0, 0.5);
    const to = start + intervals * periodMs;
    function* events() {
      const gap = () => periodMs * between(random, 1 - jitter, 1 + jitter);
      for (const time of timesUntil(start, to, gap)) {
        const shape = { protocol: 'http', action: 'GET /news', bytesOut: 310, bytesIn: 90 };
        yield attackCall({ time, source, destination, ...shape }, random);
      }
    }
    return { agents: [source.id, destination.id], to, events: events() };
  },
};
