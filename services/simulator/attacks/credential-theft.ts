import { attackCall } from '../attack-call.ts';
import { between, exponential, pick } from '../draws.ts';
import { type Attack, attack, minuteMs, timesUntil } from './attack.ts';

/** Somebody in the office uses the stolen credential of a service to look into stores that it never reads. */
export const credentialTheft: Attack = {
  name: 'credential-theft',
  summary: "A service's credential is used from another address, on stores that the service never reads",
  techniques: [attack('T1078', 'Valid Accounts'), attack('T1552', 'Unsecured Credentials')],
  plan: ({ world, random, start }) => {
    const service = pick(random, world.byRole.app);
    const stores = Array.from({ length: 3 }, () => pick(random, world.byRole.store));
    const thief = pick(random, world.byRole.human);
    const to = start + between(random, 20, 60) * minuteMs;
    function* events() {
      for (const time of timesUntil(start, to, () => exponential(random, 45_000))) {
        const shape = { action: 'select dump', bytesIn: 300_000 };
        yield attackCall(
          { time, source: service, destination: pick(random, stores), protocol: 'tcp', ...shape },
          random,
          { source_address: thief.address, observer: `proxy-${thief.id}` },
        );
      }
    }
    return { agents: [service.id, ...stores.map((store) => store.id)], to, events: events() };
  },
};
