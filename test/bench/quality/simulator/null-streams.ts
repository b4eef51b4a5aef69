import type { AmissEvent } from '#shared/event.ts';
import { type Random, seededRandom } from '#shared/random.ts';
import { logNormal, pick, poisson, unitGamma } from '../../../../services/simulator/draws.ts';
import { rhythmAt } from '../../../../services/simulator/rhythm.ts';
import { networkStart } from './network-run.ts';

/** A stream in which nothing is amiss, of one kind: the null hypothesis of every test. */
export interface NullStream {
  readonly name: string;
  readonly days: number;
  /** φ of the negative binomial counts of an edge's minute; 0 is Poisson. */
  readonly dispersion: number;
  /** How busy it is at a time, as a multiple of the mean. */
  readonly load: (time: number) => number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
const drift = 1; // the rate at the end is so much more than at the beginning

export const nullStreams: readonly NullStream[] = [
  { name: 'Poisson', days: 3, dispersion: 0, load: () => 1 },
  { name: 'negative binomial, φ 0.3', days: 3, dispersion: 0.3, load: () => 1 },
  { name: 'seasonal', days: 35, dispersion: 0, load: (time) => rhythmAt('office', time) },
  {
    name: 'drifting',
    days: 10,
    dispersion: 0,
    load: (time) => 1 - drift / 3 + (((time - networkStart) / (10 * dayMs)) * 2 * drift) / 3,
  },
];

const callersMax = 200;
/** The n-th caller is so much rarer than the first: n to this power. A few are busy, most are not. */
const rarity = 1.5;
const actions = ['read', 'list', 'write', 'search', 'create', 'update', 'delete', 'export'];
const failureShare = 0.01;
/** Callers find new peers and new resources as a Chinese restaurant fills tables. */
const concentration = 2;
const typical = { ms: 20, bytesOut: 800, bytesIn: 5000, spread: 0.5 };

/**
 * Services that call stores, each its own ones, in memoryless minutes: counts, sizes, durations, failures, actions,
 * peers and resources are drawn from distributions that never change but for the stream's own load.
 *
 * @param events about how many
 */
export function nullEvents(stream: NullStream, events: number, seed: number): readonly AmissEvent[] {
  const random = seededRandom(seed);
  const minutes = stream.days * 24 * 60;
  const shares = Array.from({ length: callersMax }, (_, i) => (i + 1) ** -rarity);
  const all = shares.reduce((sum, share) => sum + share, 0);
  const callers = shares.map((share, i) => ({
    call: callerOf(`service-${i}`, random),
    rate: (events * share) / all / minutes, // calls in a minute
  }));
  const made: AmissEvent[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const start = networkStart + minute * minuteMs;
    for (const { call, rate } of callers) {
      const mean = rate * stream.load(start) * unitGamma(random, stream.dispersion);
      for (let left = poisson(random, mean); left > 0; left -= 1) {
        made.push(call(start + Math.floor(random.next() * minuteMs), made.length));
      }
    }
  }
  return made.sort((left, right) => left.time - right.time);
}

function callerOf(source: string, random: Random): (time: number, n: number) => AmissEvent {
  const peers = createRestaurant(random, () => `store-${Math.floor(random.next() * callersMax)}`);
  const resources = createRestaurant(random, () => `table-${Math.floor(random.next() * 1e9)}`);
  return (time, n) => ({
    id: String(n),
    time,
    received_at: time,
    space: 'default',
    source,
    destination: peers(),
    source_kind: 'service',
    destination_kind: 'service',
    action: pick(random, actions.slice(0, 1 + Math.floor(actions.length * random.next() ** 2))),
    resources: [resources()],
    outcome: random.next() < failureShare ? 'error' : 'success',
    duration_ms: logNormal(random, typical.ms, typical.spread),
    bytes_out: Math.round(logNormal(random, typical.bytesOut, typical.spread)),
    bytes_in: Math.round(logNormal(random, typical.bytesIn, typical.spread)),
  });
}

/** Mostly what was drawn before, now and then something new. @source Aldous 1985, the Chinese restaurant process */
export function createRestaurant(random: Random, fresh: () => string): () => string {
  const drawn: string[] = [];
  const remembered = 10_000; // so many draws are remembered: enough to stay as they are
  return () => {
    const isNew = random.next() < concentration / (concentration + drawn.length);
    const item = isNew ? fresh() : pick(random, drawn);
    if (drawn.length < remembered) drawn.push(item);
    return item;
  };
}
