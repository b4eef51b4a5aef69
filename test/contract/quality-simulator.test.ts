import { describe, expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { rareAction } from '../../services/scorer/detectors/rare-action.ts';
import { simulate } from '../../services/simulator/simulate.ts';
import { eventsOfSeries, nabScore, probationOf, type Series } from '../bench/quality/nab.ts';
import {
  attacksFound,
  medianMinutes,
  mixedAlerts,
  recallOf,
  shareInOneIncident,
} from '../bench/quality/simulator/attacks-found.ts';
import { hourMs, type RecordedNetwork, type Told } from '../bench/quality/simulator/network-run.ts';
import { nullEvents, nullStreams } from '../bench/quality/simulator/null-streams.ts';
import { nullTasks } from '../bench/quality/simulator/null-tasks.ts';
import { nullLnPs } from '../bench/quality/simulator/null-tests.ts';
import { createPipeline } from '../bench/quality/simulator/pipeline.ts';
import { ritaScore } from '../bench/quality/simulator/rita.ts';
import { rollout, rolloutLabel } from '../bench/quality/simulator/rollout.ts';

// The protocols of the simulator's rows and of NAB, on data that one can follow by hand.
const minuteMs = 60_000;

describe('attacks found', () => {
  const attack = (instance: number, name: string, agents: readonly string[]) => ({
    instance,
    attack: name,
    techniques: [],
    from: instance * 10 * hourMs,
    to: instance * 10 * hourMs + hourMs,
    agents,
  });
  const network: RecordedNetwork = {
    file: '',
    decisions: [],
    instances: [attack(1, 'scan', ['a']), attack(2, 'scan', ['b']), attack(3, 'log-tampering', ['c'])],
    labels: Int32Array.of(0, 1, 1, 0),
    shownAt: new Map([[1, 10 * hourMs + minuteMs]]),
  };
  const told = (over: Partial<Told>): Told => ({
    id: 'x',
    revision: 1,
    time: 10 * hourMs + 2 * minuteMs,
    agent: 'a',
    peers: [],
    detectors: [],
    lines: [1],
    ...over,
  });

  test('an alert finds an attack when it shows one of its events, whoever it is about', () => {
    expect(recallOf(attacksFound(network, [told({ agent: 'z', lines: [0, 2] })]))).toBe(50);
    expect(recallOf(attacksFound(network, [told({ lines: [0, 3] })]))).toBe(0);
  });

  test('an attack that only hides events is found by an alert about its agent until an hour after it', () => {
    const at = (hours: number) => [told({ agent: 'c', time: 30 * hourMs + hours * hourMs, lines: [] })];
    expect([0, 2, 2.1].map((hours) => recallOf(attacksFound(network, at(hours))))).toEqual([50, 50, 0]);
  });

  test('an attack that shows in no event, because its victim was silent, does not count', () => {
    expect(attacksFound(network, []).map(({ attack: name }) => name)).toEqual(['scan', 'log-tampering']);
  });

  test('an alert that shows two attacks is counted as one that mixes', () => {
    const two: RecordedNetwork = { ...network, labels: Int32Array.of(0, 1, 2, 0) };
    const alerts = [
      told({ lines: [1] }),
      told({ lines: [2] }),
      told({ id: 'y' }),
      told({ id: 'z', lines: [0] }),
    ];
    expect(mixedAlerts(two, alerts)).toEqual({ mixed: 1, alerts: 2 });
  });

  test('tellings beside the largest alert of their attack are incidents too many', () => {
    const found = attacksFound(network, [told({}), told({ revision: 2 }), told({ id: 'y' })]);
    expect(shareInOneIncident(found)).toBeCloseTo(200 / 3);
    expect(medianMinutes(found)).toBe(1); // counted from its first event
  });
});

describe('nab', () => {
  const rows = 100;
  const series: Series = {
    name: 'made/up.csv',
    times: Float64Array.from({ length: rows }, (_, row) => row * 300_000),
    values: Float64Array.from({ length: rows }, (_, row) => (row === 50 ? 9 : 1)),
    windows: [[40, 59]],
  };
  const scored = (detected: readonly number[]) => {
    const scores = new Float64Array(rows);
    for (const row of detected) scores[row] = 1;
    return nabScore([{ series, scores }]);
  };

  test('a window at its left end and nothing else is 100, nothing at all is 0', () => {
    expect(scored([40])).toBeCloseTo(100);
    expect(scored([])).toBe(0);
  });

  test('later in the window is worth less, and what is outside costs', () => {
    expect(scored([50])).toBeLessThan(scored([45]));
    expect(scored([40, 20])).toBeCloseTo(100 - (100 * 0.11) / 2);
    expect(scored([40, 60])).toBeGreaterThan(scored([40, 99])); // just after a window costs next to nothing
  });

  test('the probation does not count', () => {
    expect(probationOf(rows)).toBe(15);
    expect(probationOf(10_000)).toBe(750);
    expect(scored([40, 14])).toBeCloseTo(100);
  });

  test('the logarithm of the size goes with the value, by what the probation shows', () => {
    const sizes = eventsOfSeries(series).map((event) => event as { bytes_out: number; bytes_in: number });
    expect(sizes[0]).toMatchObject({ bytes_out: 10_000, bytes_in: 10_000 });
    expect(sizes[50]?.bytes_out).toBeGreaterThan(1e9);
    expect(sizes[50]?.bytes_in).toBeLessThan(1);
  });
});

describe('rita', () => {
  const daily = (gapMinutes: number) =>
    Array.from({ length: Math.floor(1440 / gapMinutes) }, (_, n) => n * gapMinutes * minuteMs);
  const sizes = (times: readonly number[]) => times.map(() => 300);

  test('a clock of one size all day long scores 1, three calls nothing', () => {
    const times = daily(10);
    expect(ritaScore(times, sizes(times), 0)).toBeCloseTo(1, 1);
    expect(ritaScore([0, 1, 2], [1, 1, 1], 0)).toBe(0);
  });

  test('an uneven hour scores less than an even day', () => {
    const uneven = [0, 1, 2, 9, 10, 31, 32, 58].map((minute) => minute * minuteMs);
    expect(ritaScore(uneven, [1, 900, 4, 77, 3000, 12, 1, 650], 0)).toBeLessThan(0.5);
  });
});

test('a fork of a pipeline goes on as the pipeline itself does', () => {
  const { decisions, events } = simulate({ agents: 20, days: 2, seed: 3, attacks: ['scan', 'beacon'] });
  const all = [...events].map(({ event }) => event);
  const main = createPipeline({ decisions, alertsPerDay: 10, learnUntil: 0 });
  const half = all.length >> 1;
  for (const [n, event] of all.slice(0, half).entries()) main.take(event, n);
  const fork = main.fork();
  const before = main.alerts.length;
  for (const [n, event] of all.slice(half).entries()) {
    main.take(event, half + n);
    fork.take(event, half + n);
  }
  expect(fork.alerts.length).toBeGreaterThan(0);
  expect(fork.alerts).toEqual(main.alerts.slice(before));
});

test('a clean stream makes about as many calls as asked for, and as bursty as it says', () => {
  for (const stream of nullStreams.filter(({ days }) => days === 3)) {
    const made = nullEvents(stream, 20_000, 1);
    expect(Math.abs(made.length / 20_000 - 1)).toBeLessThan(0.05);
    const units = stream.days * 24 * 60; // minutes of the busiest caller
    const own = made.filter(({ source }) => source === 'service-0');
    const counts = new Map<number, number>();
    for (const { time } of own) {
      const minute = Math.floor(time / minuteMs);
      counts.set(minute, (counts.get(minute) ?? 0) + 1);
    }
    const mean = own.length / units;
    const squares = [...counts.values()].reduce((sum, count) => sum + count * count, 0) / units;
    // Variance of a negative binomial: m + φ m². Three standard deviations of the estimate are 0.2.
    expect(Math.abs((squares - mean * mean - mean) / mean ** 2 - stream.dispersion)).toBeLessThan(0.2);
  }
});

test('clean tasks make about as many calls as asked for, and a request lasts as long as all that is done for it', () => {
  const made = nullTasks(5000, 1);
  expect(Math.abs(made.length / 5000 - 1)).toBeLessThan(0.05);
  const requests = made.filter(({ source }) => source.startsWith('gate'));
  const short = requests.filter(({ trace_id: trace, duration_ms: lasted = 0, time }) => {
    const caused = made.filter((call) => call.trace_id === trace && call.source.startsWith('service'));
    const waited = caused.reduce((sum, call) => sum + (call.duration_ms ?? 0), 0);
    return waited > lasted || caused.some((call) => call.time + (call.duration_ms ?? 0) > time + lasted);
  });
  expect(requests.length).toBeGreaterThan(400);
  expect(short).toEqual([]);
});

const callAt = (time: number, action: string): AmissEvent => ({
  id: String(time),
  time,
  received_at: time,
  space: 'default',
  source: 'a',
  destination: 'b',
  action,
});

test('the p of a thing that one call in a hundred is about is drawn evenly below one in a hundred', () => {
  const acts = Array.from({ length: 40_000 }, (_, n) =>
    callAt(n * minuteMs, n % 100 === 0 ? 'rare' : 'common'),
  );
  const lnPs = nullLnPs(rareAction, acts, { learnShare: 0.4, seed: 1 });
  for (const alpha of [2e-3, 5e-3, 8e-3]) {
    const share = lnPs.filter((lnP) => lnP <= Math.log(alpha)).length / lnPs.length;
    // Three standard deviations of 48 in 24,000 are 0.43 of them.
    expect(Math.abs(share / alpha - 1)).toBeLessThan(0.43);
  }
});

test('a release changes what its services do from its moment on, and nobody else', () => {
  const alter = rollout(new Set(['app-1']), 1000);
  const call = { time: 0, source: 'app-1', destination: 'store-1', bytes_out: 100 };
  expect(alter(call)).toEqual([{ event: call, label: 0 }]);
  const later = [0, 1, 2, 3].flatMap(() => alter({ ...call, time: 2000 }));
  expect(later.map(({ label }) => label)).toEqual(Array.from({ length: 5 }, () => rolloutLabel));
  expect(later[0]?.event.bytes_out).toBe(130);
  expect(later[4]?.event.destination).toBe('flags');
  const foreign = { ...call, time: 2000, source: 'app-2' };
  expect(alter(foreign)).toEqual([{ event: foreign, label: 0 }]);
});
