import type { AmissEvent } from '#shared/event.ts';
import { type Random, seededRandom } from '#shared/random.ts';

const minuteMs = 60_000;
/** Monday 2026-06-01 00:00 UTC. */
export const streamStart = Date.UTC(2026, 5, 1);

/** A native event between two agents. */
export function event(time: number, source: string, destination: string, n: number): AmissEvent {
  return {
    id: `event-${n}`,
    time,
    received_at: time,
    space: 'default',
    source,
    destination,
    source_kind: 'service',
    destination_kind: 'service',
  };
}

/**
 * A network without attacks: each of 20 services calls its own three peers, a Poisson number of times a minute in
 * the minutes in which it is active.
 *
 * @param events how many
 * @param seed of every draw
 */
export function* quietNetwork(events: number, seed: number): Generator<AmissEvent> {
  const random = seededRandom(seed);
  let n = 0;
  for (let minute = 0; n < events; minute += 1) {
    for (let agent = 0; agent < 20 && n < events; agent += 1) {
      if (random.next() < 0.5) continue;
      for (let peer = 1; peer <= 3; peer += 1) {
        const calls = 1 + poisson(2, random);
        for (let i = 0; i < calls && n < events; i += 1) {
          yield event(
            streamStart + minute * minuteMs + Math.floor((i * minuteMs) / calls),
            `service-${agent}`,
            `service-${(agent + peer) % 20}`,
            n,
          );
          n += 1;
        }
      }
    }
  }
}

/** A draw of the Poisson distribution, by Knuth's product of uniforms: for small means. */
export function poisson(mean: number, random: Random): number {
  const limit = Math.exp(-mean);
  let product = random.next();
  let count = 0;
  while (product > limit) {
    product *= random.next();
    count += 1;
  }
  return count;
}
