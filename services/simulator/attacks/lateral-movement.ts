import { attackCall } from '../attack-call.ts';
import type { NativeEvent } from '../call.ts';
import { between, hex, pick } from '../draws.ts';
import { type Attack, attack, minuteMs } from './attack.ts';

/** From an office computer over a front service and an app into a store: three hops over three zones. */
export const lateralMovement: Attack = {
  name: 'lateral-movement',
  summary:
    'A foothold moves over three hops, each to a machine that it never called, into another zone each time',
  techniques: [attack('T1021', 'Remote Services'), attack('T1210', 'Exploitation of Remote Services')],
  plan: ({ world, random, start }) => {
    const { human, front, app, store } = world.byRole;
    const chain = [pick(random, human), pick(random, front), pick(random, app), pick(random, store)];
    const events: NativeEvent[] = [];
    let time = start;
    for (let hop = 0; hop + 1 < chain.length; hop += 1) {
      const [source, destination] = [chain[hop], chain[hop + 1]];
      if (source === undefined || destination === undefined) break;
      for (let call = 0; call < 3; call += 1) {
        time += between(random, 20_000, 2 * minuteMs);
        const action = call === 0 ? 'POST /admin/session' : 'POST /admin/exec';
        const essentials = { time, source, destination, protocol: 'http', action };
        events.push(attackCall({ ...essentials, traceId: hex(random, 16) }, random));
      }
    }
    events.sort((left, right) => left.time - right.time);
    return { agents: chain.map((agent) => agent.id), to: time + minuteMs, events };
  },
};
