import { attackCall } from '../attack-call.ts';
import { between, exponential, pick } from '../draws.ts';
import { type Attack, attack, minuteMs, timesUntil } from './attack.ts';

const callsASecond = 8;
const slowdown = 6;

/** One partner calls so often that everybody else waits. */
export const denialOfService: Attack = {
  name: 'denial-of-service',
  summary:
    'A partner floods a front service: its own calls soar, and the calls of others take long or time out',
  techniques: [attack('T1499', 'Endpoint Denial of Service')],
  plan: ({ world, random, start }) => {
    const source = pick(random, world.byRole.outside);
    const destination = pick(random, world.byRole.front);
    const to = start + between(random, 8, 20) * minuteMs;
    function* events() {
      for (const time of timesUntil(start, to, () => exponential(random, 1000 / callsASecond))) {
        const outcome = random.next() < 0.5 ? 'timeout' : 'success';
        const call = {
          time,
          source,
          destination,
          protocol: 'http',
          action: 'GET /items/{id}',
          outcome,
        } as const;
        yield attackCall({ ...call, durationMs: outcome === 'timeout' ? 3000 : 400 }, random);
      }
    }
    return {
      agents: [source.id, destination.id],
      to,
      events: events(),
      disturb: (event) =>
        event.destination === destination.id && event.source !== source.id
          ? { ...event, duration_ms: (event.duration_ms ?? 0) * slowdown }
          : event,
    };
  },
};
