import { expect, test } from 'vitest';
import { beacon } from '../../../../../services/scorer/detectors/beacon.ts';
import { type Random, seededRandom } from '../../../../../shared/random.ts';
import { call, ruleScene } from '../../../../support/rule-scene.ts';

type Scene = ReturnType<typeof ruleScene>;

const start = Date.UTC(2026, 5, 1);
const dayMs = 86_400_000;
const found = Math.log(1e-6);
const between = (random: Random, low: number, high: number) => low + (high - low) * random.next();
/** A period between half a minute and four hours, each octave as likely. */
const anyPeriod = (random: Random) => Math.exp(between(random, Math.log(30_000), Math.log(4 * 3_600_000)));

/** Calls of one edge at times that `gap` spaces; ln p of each that was tested. */
function calls(scene: Scene, ends: { source: string; destination: string }, times: Iterable<number>) {
  const lnPs: number[] = [];
  for (const time of times) {
    const event = call({ ...ends, time: Math.round(time), source_kind: 'service' });
    for (const { lnP } of scene.feed(event)) lnPs.push(lnP);
  }
  return lnPs;
}

function* timesFrom(from: number, count: number, gap: () => number) {
  let time = from;
  for (let n = 0; n <= count; n += 1) {
    yield time;
    time += gap();
  }
}

/** Services whose calls come by chance, each edge as busy as it likes; ln p of every train's looks. */
function chance(
  scene: Scene,
  edges: number,
  events: number,
  seed: number,
): { lnPs: number[]; edgeDays: number } {
  const random = seededRandom(seed);
  const lnPs: number[] = [];
  let edgeDays = 0;
  for (let edge = 0; edge < edges; edge += 1) {
    const periodMs = anyPeriod(random);
    const gap = () => -periodMs * Math.log(1 - random.next());
    const ends = { source: `service-${edge % 20}`, destination: `store-${edge % 50}` };
    const own = { ...ends, destination: `${ends.destination}-${Math.floor(edge / 100)}` };
    for (const lnP of calls(scene, own, timesFrom(start, events, gap))) lnPs.push(lnP);
    edgeDays += (events * periodMs) / dayMs;
  }
  return { lnPs, edgeDays };
}

test('chance arrivals are taken for a beacon at most once in 10,000 days of an edge', () => {
  const { lnPs, edgeDays } = chance(ruleScene(beacon), 1000, 240, 7);
  expect(edgeDays).toBeGreaterThan(5000);
  expect(lnPs.filter((lnP) => lnP <= found).length).toBeLessThanOrEqual(edgeDays / 10_000);
  for (const alpha of [0.01, 0.001]) {
    const nominal = alpha * lnPs.length;
    const seen = lnPs.filter((lnP) => lnP <= Math.log(alpha)).length;
    expect(seen).toBeLessThanOrEqual(1.5 * nominal + 3 * Math.sqrt(nominal));
  }
}, 60_000);

test('nineteen of twenty beacons are found within 24 intervals, with jitter up to half of the period', () => {
  const random = seededRandom(11);
  let told = 0;
  const beacons = 100;
  for (let n = 0; n < beacons; n += 1) {
    const periodMs = anyPeriod(random);
    const jitter = between(random, 0, 0.5);
    const gap = () => periodMs * between(random, 1 - jitter, 1 + jitter);
    const ends = { source: `service-${n % 20}`, destination: `203.0.113.${n}` };
    const times = timesFrom(start + 30 * dayMs, 24, gap);
    // Each in a world of its own: a hundred beacons in one group are no longer rare.
    const world = ruleScene(beacon);
    chance(world, 40, 240, 5);
    if (Math.min(0, ...calls(world, ends, times)) <= found) told += 1;
  }
  expect(told).toBeGreaterThanOrEqual(0.95 * beacons);
}, 60_000);

test('a beacon is told with its period and who else calls there', () => {
  const scene = ruleScene(beacon);
  chance(scene, 100, 60, 3);
  const times = [...timesFrom(start + 30 * dayMs, 24, () => 300_000)];
  const told = times.flatMap((time) =>
    scene.feed(call({ time, source: 'service-3', destination: 'c2', source_kind: 'service' })),
  );
  expect(told.at(-1)?.sentence).toBe(
    'service-3 calls c2 every 5 minutes, 24 times in a row and too evenly for chance; 1 of 20 of its group call it',
  );
});

test('a clock that ticks on is told once', () => {
  const scene = ruleScene(beacon);
  chance(scene, 100, 60, 3);
  const lnPs = calls(
    scene,
    { source: 'service-3', destination: 'c2' },
    timesFrom(start, 240, () => 300_000),
  );
  expect(lnPs.length).toBe(3);
});

test('an edge that begins to tick is told again when its period changes', () => {
  const scene = ruleScene(beacon);
  chance(scene, 100, 60, 3);
  const ends = { source: 'service-3', destination: 'c2' };
  calls(
    scene,
    ends,
    timesFrom(start, 24, () => 300_000),
  );
  const lnPs = calls(
    scene,
    ends,
    timesFrom(start + dayMs, 24, () => 900_000),
  );
  expect(Math.min(...lnPs)).toBeLessThan(Math.log(1e-3));
});

test('in a group of clocks one more is nothing new', () => {
  const scene = ruleScene(beacon);
  for (let n = 0; n < 40; n += 1) {
    const ends = { source: `service-${n}`, destination: 'health' };
    calls(
      scene,
      ends,
      timesFrom(start, 24, () => 60_000),
    );
  }
  const lnPs = calls(
    scene,
    { source: 'service-40', destination: 'health' },
    timesFrom(start, 24, () => 60_000),
  );
  expect(Math.min(...lnPs)).toBeGreaterThan(Math.log(0.05));
});

test('calls within a second are one beat', () => {
  const beats = [...timesFrom(start + dayMs, 24, () => 300_000)];
  const single = ruleScene(beacon);
  const triple = ruleScene(beacon);
  for (const scene of [single, triple]) chance(scene, 100, 60, 3);
  const ends = { source: 'service-3', destination: 'c2' };
  const ofTriple = calls(
    triple,
    ends,
    beats.flatMap((time) => [time, time + 200, time + 900]),
  );
  expect(ofTriple.length).toBe(calls(single, ends, beats).length);
  expect(Math.min(...ofTriple)).toBeLessThan(found);
});

test('a train that has begun survives a restart', () => {
  const scene = ruleScene(beacon);
  const times = [...timesFrom(start, 24, () => 300_000)];
  const ends = { source: 'service-3', destination: 'c2' };
  calls(scene, ends, times.slice(0, 10));
  scene.restart();
  expect(calls(scene, ends, times.slice(10)).length).toBe(2);
});
