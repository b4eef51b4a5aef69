import { beforeAll, describe, expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { createDecisions } from '../../services/scorer/decisions.ts';
import type { Detector } from '../../services/scorer/detectors/detector.ts';
import { detectors } from '../../services/scorer/detectors/index.ts';
import { createEngine } from '../../services/scorer/engine.ts';
import { nullEvents, nullStreams } from '../bench/quality/simulator/null-streams.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const seed = 911;
const learnShare = 0.4;
const alphas = [1e-2, 1e-3, 1e-4];

/** What is one test of a statistic where it is not each event: the least p of it counts. */
const units: Readonly<Record<string, (event: AmissEvent, n: number) => string>> = {
  volume: ({ source, time }) => `${source} ${Math.floor(time / minuteMs)}`,
  'fan-out': ({ source, time }) => `${source} ${Math.floor(time / (5 * minuteMs))}`,
  'edge-burst': ({ source, destination, time }) => `${source} ${destination} ${Math.floor(time / minuteMs)}`,
  'bytes-total': ({ source, time }) => `${source} ${Math.floor(time / hourMs)}`,
};
/** Statistics whose p means what it says; the others say less than they could, never more. */
const exact = new Set(['bytes-out', 'bytes-in', 'latency', 'rare-action', 'new-resource']);
/** Their null does not occur in the stream: each has a test of its own. */
const elsewhere = new Set([
  'rare-hour',
  'slow-agent',
  'slow-ramp',
  'silence',
  'lateral-chain',
  'turned-session',
]);
const statistics = detectors.filter(({ kind, name }) => kind === 'statistic' && !elsewhere.has(name));

/** Each caller's calls in traces of four. */
function traced(events: readonly AmissEvent[]): readonly AmissEvent[] {
  const calls = new Map<string, number>();
  return events.map((event) => {
    const made = calls.get(event.source) ?? 0;
    calls.set(event.source, made + 1);
    return { ...event, trace_id: `${event.source} ${Math.floor(made / 4)}` };
  });
}

const last = (events: readonly AmissEvent[]) => events.at(-1)?.time ?? 0;
const call = (time: number, n: number, facts: Partial<AmissEvent> = {}): AmissEvent => ({
  id: `planted-${n}`,
  time: time + n * 100,
  received_at: time,
  space: 'default',
  source: 'service-0',
  destination: 'store-0',
  source_kind: 'service',
  destination_kind: 'service',
  action: 'read',
  outcome: 'success',
  duration_ms: 20,
  bytes_out: 800,
  bytes_in: 5000,
  ...facts,
});
const calls =
  (count: number, facts: Partial<AmissEvent> = {}) =>
  (time: number, known: AmissEvent) =>
    Array.from({ length: count }, (_, n) => call(time, n, { destination: known.destination, ...facts }));

/** What is out of the ordinary for each statistic, given an ordinary call of the busiest agent. */
const planted: Readonly<Record<string, (time: number, known: AmissEvent) => readonly AmissEvent[]>> = {
  volume: calls(600),
  'edge-burst': calls(600),
  'bytes-total': calls(3000),
  'fan-out': (time) => Array.from({ length: 80 }, (_, n) => call(time, n, { destination: `victim-${n}` })),
  'new-edge': calls(1, { destination: 'stranger' }),
  'rare-caller': calls(1, { source: 'stranger' }),
  'bytes-out': calls(1, { bytes_out: 500_000 }),
  'bytes-in': calls(1, { bytes_in: 5_000_000 }),
  latency: calls(1, { duration_ms: 60_000 }),
  failures: calls(30, { outcome: 'denied' }),
  'rare-action': calls(1, { action: 'dump' }),
  'new-resource': calls(1, { resources: ['table-secret'] }),
  sequence: (time, { destination }) =>
    ['read', 'dump'].map((action, n) => call(time, n, { destination, action, trace_id: 'planted' })),
  beacon: (time) =>
    Array.from({ length: 25 }, (_, n) => call(time + n * 300_000, 0, { destination: 'outside', id: `${n}` })),
};

describe.each(statistics.map((detector) => [detector.name, detector] as const))('%s', (name, detector) => {
  const quiet: number[] = [];
  let attack: readonly number[] = [];

  beforeAll(() => {
    const engine = engineOf(detector);
    const events = traced(nullEvents(nullStreams[0] ?? fail('a stream'), 60_000, seed));
    const least = new Map<string, number>();
    for (const [n, event] of events.entries()) {
      const { lnP, detector: told } = engine.process(event, detector.side ?? 'source');
      if (n < events.length * learnShare) continue;
      const unit = units[name]?.(event, n) ?? String(n);
      // A statistic that has nothing to say of an event does not call it unlikely.
      least.set(unit, Math.min(told === 'none' ? 0 : lnP, least.get(unit) ?? 0));
    }
    quiet.push(...least.values());
    const known = events.find(({ source }) => source === 'service-0') ?? fail('the busiest agent');
    attack = (planted[name]?.(last(events) + minuteMs, known) ?? []).map(
      (event) => engine.process(event, 'both').lnP,
    );
  });

  test('is surprised no more often than it says', () => {
    for (const alpha of alphas)
      expect(exceeding(quiet, alpha)).toBeLessThanOrEqual(bounds(quiet, alpha).most);
  });

  if (exact.has(name)) {
    test('is surprised no more seldom, either', () => {
      for (const alpha of alphas)
        expect(exceeding(quiet, alpha)).toBeGreaterThanOrEqual(bounds(quiet, alpha).least);
    });
  }

  test('is more surprised by what was planted than by anything ordinary but one in a thousand', () => {
    const ordinary = quiet.toSorted((a, b) => a - b)[Math.floor(quiet.length / 1000)] ?? 0;
    expect(Math.min(...attack)).toBeLessThan(ordinary);
    expect(Math.min(...attack)).toBeLessThan(Math.log(1e-2));
  });
});

/** The detector's own p, as it is before it is combined with others of its aspect. */
const engineOf = (detector: Detector) =>
  createEngine({
    detectors: [{ ...detector, isWhole: true }],
    decisions: createDecisions(),
    onSignal: () => undefined,
  });

const exceeding = (lnPs: readonly number[], alpha: number) =>
  lnPs.filter((lnP) => lnP <= Math.log(alpha)).length;

/** 0.7 to 1.5 times nominal, and three standard deviations of a count for the draw itself. */
function bounds(lnPs: readonly number[], alpha: number) {
  const nominal = alpha * lnPs.length;
  const draw = 3 * Math.sqrt(nominal);
  return { least: 0.7 * nominal - draw, most: 1.5 * nominal + draw };
}

function fail(what: string): never {
  throw new RangeError(`the stream has no ${what}`);
}
