import { beforeAll, describe, expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { createDecisions } from '../../services/scorer/decisions.ts';
import type { Detector } from '../../services/scorer/detectors/detector.ts';
import { detectors } from '../../services/scorer/detectors/index.ts';
import { createEngine } from '../../services/scorer/engine/engine.ts';
import { nullEvents, nullStreams } from '../bench/quality/simulator/null-streams.ts';
import {
  type CleanStream,
  cleanStreams,
  isNullOf,
  nullLnPs,
  testedStatistics,
} from '../bench/quality/simulator/null-tests.ts';

const minuteMs = 60_000;
const seed = 911;
const eventCount = 60_000;
const learnShare = 0.4;
const alphas = [1e-2, 1e-3, 1e-4];
/** What p may come true as often as, of what it says. */
const least = 0.7;
const most = 1.5;

/** Statistics that say less than they could: sums that fade, and steps out of tables that are full. */
const timid: ReadonlySet<string> = new Set(['sequence', 'slow-agent']);
/** Ten days of it, where three of the first hold too few hours of one agent. */
const streamsOf: Readonly<Record<string, string>> = { 'bytes-total': 'drifting' };
/** It has nothing to say before the second week. */
const isTestedHere = ({ name }: Detector) => name !== 'rare-hour';

describe.each(testedStatistics.filter(isTestedHere).map((detector) => [detector.name, detector] as const))(
  '%s, while nothing is amiss',
  (name, detector) => {
    let lnPs: readonly number[] = [];

    beforeAll(() => {
      const isIts = (one: CleanStream) =>
        isNullOf(detector, one) && (streamsOf[name] ?? one.name) === one.name;
      const stream = cleanStreams.find(isIts) ?? fail('no events', name);
      lnPs = nullLnPs(detector, stream.make(eventCount, seed), { learnShare, seed });
    });

    test.each(alphas)('is surprised no more often than it says, at p = %d', (alpha) => {
      expect(exceeding(lnPs, alpha)).toBeLessThanOrEqual(most * alpha * lnPs.length + draw(lnPs, alpha));
    });

    test.each(timid.has(name) ? [] : alphas)('is surprised no more seldom, at p = %d', (alpha) => {
      expect(exceeding(lnPs, alpha)).toBeGreaterThanOrEqual(least * alpha * lnPs.length - draw(lnPs, alpha));
    });
  },
);

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

describe.each(Object.entries(planted))('%s, of an attack', (name, attack) => {
  const detector = detectors.find((one) => one.name === name) ?? fail('no detector', name);

  test('is more surprised than by anything ordinary but one event in a thousand', () => {
    const engine = engineOf(detector);
    const events = traced(nullEvents(nullStreams[0] ?? fail('no stream', name), eventCount, seed));
    const quiet = events.map((event) => {
      const { lnP, detector: told } = engine.process(event, detector.side ?? 'source');
      // A statistic that has nothing to say of an event does not call it unlikely.
      return told === 'none' ? 0 : lnP;
    });
    const counted = quiet.slice(eventCount * learnShare).sort((a, b) => a - b);
    const ordinary = counted[Math.floor(counted.length / 1000)] ?? 0;
    const known = events.find(({ source }) => source === 'service-0') ?? fail('no busiest agent', name);
    const lnPs = attack(last(events) + minuteMs, known).map((event) => engine.process(event, 'both').lnP);
    expect(Math.min(...lnPs)).toBeLessThan(ordinary);
    expect(Math.min(...lnPs)).toBeLessThan(Math.log(1e-2));
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

/** Three standard deviations of a count for the draw itself. */
const draw = (lnPs: readonly number[], alpha: number) => 3 * Math.sqrt(alpha * lnPs.length);

function fail(what: string, name: string): never {
  throw new RangeError(`${what} for ${name}`);
}
