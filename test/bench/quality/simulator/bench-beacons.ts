import { type Random, seededRandom } from '#shared/random.ts';
import type { Signal } from '#shared/signal.ts';
import type { NativeEvent } from '../../../../services/simulator/call.ts';
import { between, exponential, logNormal } from '../../../../services/simulator/draws.ts';
import { atLeast, atMost, type BenchRow, plain } from '../../report.ts';
import type { Scratch } from '../backtest.ts';
import type { Curve } from '../picture.ts';
import { dayMs, hourMs, networkStart } from './network-run.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { ritaScore } from './rita.ts';

const seed = 401;
const days = 14;
const callers = 100;
const edgesEach = 8;
const callsADay = { least: 12, most: 120 } as const; // of a memoryless edge, log-uniform
const jitters = [0, 0.1, 0.2, 0.3, 0.4, 0.5];
const beaconsEach = 40; // of each jitter
const intervals = 24;
const periodMs = { least: 30_000, most: 4 * hourMs } as const; // log-uniform
/** Beacons begin in the second week, so that they end within the span. */
const beaconsFrom = 6 * dayMs;
const alertsPerDay = 10;
/** What counts as said: chance makes so even a train once in 10,000. */
const saidP = 1e-4;
/** RITA calls from 0.75 on of medium or high severity. @source activecm/rita v5 default_config.hjson */
const ritaMedium = 0.75;

interface Edge {
  readonly source: string;
  readonly destination: string;
  readonly times: readonly number[];
  readonly sizes: readonly number[];
  /** -1 of a memoryless edge. */
  readonly jitter: number;
}

/**
 * Beacons on new edges among memoryless ones: how many are found within 24 intervals, and how many are made up. Each
 * beacon has a world of its own: a copy of the pipeline hears its calls, or hundreds of them at once would make clocks
 * an everyday thing of the network.
 */
export async function benchBeacons(_data: string, scratch: Scratch) {
  const random = seededRandom(seed);
  const memoryless = poissonEdges(random);
  const beacons = beaconEdges(random).toSorted((left, right) => startOf(left) - startOf(right));
  const calls = memoryless.flatMap(callsOf).sort((left, right) => left.time - right.time);
  scratch.say(`simulator: ${calls.length} memoryless calls, ${beacons.length} beacons`);
  const main = createPipeline({ decisions: [], alertsPerDay, learnUntil: 0 });
  const found = new Set<Edge>();
  let next = 0;
  for (const [n, call] of calls.entries()) {
    for (
      let beacon = beacons[next];
      beacon !== undefined && startOf(beacon) <= call.time;
      beacon = beacons[next]
    ) {
      if (isSaidOf(main.fork(), beacon)) found.add(beacon);
      next += 1;
    }
    main.take(call, n);
  }
  const saidEdges = new Set(main.signals.filter(saysBeacon).map(({ agent, peer }) => `${agent} ${peer}`));
  const made = memoryless.filter(({ source, destination }) =>
    saidEdges.has(`${source} ${destination}`),
  ).length;
  const isFound = (edge: Edge) => found.has(edge);
  const rows: BenchRow[] = [
    atLeast('simulator beacons found within 24 intervals', share(beacons, isFound), '%', 95),
    atMost(
      'simulator memoryless edges called beacons',
      (10_000 * made) / (memoryless.length * days),
      'per 10,000 edge-days',
      1,
    ),
    plain('simulator beacons that RITA scores medium or more', share(beacons, isOfRita), '%'),
    plain(
      'simulator memoryless edges that RITA scores medium or more',
      100 * share(memoryless, isOfRita),
      'per 10,000 edge-days',
    ),
    ...jitters.map((jitter) => {
      const own = beacons.filter((edge) => edge.jitter === jitter);
      return plain(`simulator beacons found, jitter ${100 * jitter} %`, share(own, isFound), '%');
    }),
  ];
  return { rows, curves: [recallByJitter(beacons, isFound)] };
}

const startOf = ({ times }: Edge) => times[0] ?? 0;

const saysBeacon = ({ evidence }: Signal) =>
  evidence.some(({ detector, p }) => detector === 'beacon' && p <= saidP);

/** Is a signal told of the beacon by its last call? */
function isSaidOf(pipeline: Pipeline, beacon: Edge): boolean {
  const before = pipeline.signals.length;
  for (const [n, call] of callsOf(beacon).entries()) pipeline.take(call, n);
  return pipeline.signals
    .slice(before)
    .some((signal) => saysBeacon(signal) && [signal.agent, signal.peer].includes(beacon.destination));
}

const share = (edges: readonly Edge[], is: (edge: Edge) => boolean) =>
  (100 * edges.filter(is).length) / edges.length;

/** RITA looks at a day: the first one of an edge. */
function isOfRita({ times, sizes }: Edge): boolean {
  const from = times[0] ?? 0;
  const ofDay = times.filter((time) => time < from + dayMs);
  return ritaScore(ofDay, sizes.slice(0, ofDay.length), from) >= ritaMedium;
}

function poissonEdges(random: Random): readonly Edge[] {
  return Array.from({ length: callers * edgesEach }, (_, i) => {
    const mean = dayMs / logBetween(random, callsADay.least, callsADay.most);
    const times: number[] = [];
    const end = networkStart + days * dayMs;
    for (let time = networkStart + exponential(random, mean); time < end; time += exponential(random, mean)) {
      times.push(Math.round(time));
    }
    const destination = `store-${Math.floor(random.next() * callers)}-${i % edgesEach}`;
    return edgeOf(random, `service-${i % callers}`, destination, { times, jitter: -1, spread: 0.5 });
  });
}

function beaconEdges(random: Random): readonly Edge[] {
  return jitters.flatMap((jitter) =>
    Array.from({ length: beaconsEach }, (_, i) => {
      const period = logBetween(random, periodMs.least, periodMs.most);
      let time = networkStart + beaconsFrom + random.next() * (days * dayMs - beaconsFrom - 5 * dayMs);
      const times = [Math.round(time)];
      while (times.length <= intervals) {
        time += period * between(random, 1 - jitter, 1 + jitter);
        times.push(Math.round(time));
      }
      const source = `service-${Math.floor(random.next() * callers)}`;
      return edgeOf(random, source, `outside-${jitter}-${i}.example`, { times, jitter, spread: 0.05 });
    }),
  );
}

const logBetween = (random: Random, low: number, high: number) =>
  Math.exp(between(random, Math.log(low), Math.log(high)));

function edgeOf(
  random: Random,
  source: string,
  destination: string,
  shape: { readonly times: readonly number[]; readonly jitter: number; readonly spread: number },
): Edge {
  const { times, jitter, spread } = shape;
  const sizes = times.map(() => Math.round(logNormal(random, 600, spread)));
  return { source, destination, times, sizes, jitter };
}

function callsOf({ source, destination, times, sizes, jitter }: Edge): readonly NativeEvent[] {
  return times.map((time, i) => ({
    time,
    source,
    destination,
    source_kind: 'service',
    destination_kind: jitter < 0 ? 'service' : 'external',
    action: jitter < 0 ? 'read' : 'GET /news',
    outcome: 'success',
    bytes_out: sizes[i] ?? 0,
  }));
}

function recallByJitter(beacons: readonly Edge[], isFound: (edge: Edge) => boolean): Curve {
  const line = (name: string, is: (edge: Edge) => boolean) => ({
    name,
    points: jitters.map(
      (jitter) =>
        [
          100 * jitter,
          share(
            beacons.filter((edge) => edge.jitter === jitter),
            is,
          ),
        ] as const,
    ),
  });
  return {
    title: 'simulator: beacons found within 24 intervals, by jitter',
    x: { label: 'jitter, per cent of the period', ticks: jitters.map((jitter) => 100 * jitter) },
    y: { label: 'per cent found', ticks: [0, 25, 50, 75, 100] },
    lines: [line('Amiss', isFound), line('RITA, medium and up', isOfRita)],
  };
}
