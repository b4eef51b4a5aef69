import { describe, expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { createDecisions } from '../../services/scorer/decisions.ts';
import type { Detector } from '../../services/scorer/detectors/detector.ts';
import { detectors } from '../../services/scorer/detectors/index.ts';
import { createEngine } from '../../services/scorer/engine.ts';
import { decodeState, encodeState } from '../../services/scorer/state.ts';
import { event, quietNetwork, streamStart } from '../support/detector-stream.ts';

const statistics = detectors.filter((detector) => detector.kind === 'statistic');
const engineOf = (detector: Detector) =>
  createEngine({ detectors: [detector], decisions: createDecisions(), onSignal: () => undefined });
const lnPsOf = (detector: Detector, events: Iterable<AmissEvent>): readonly number[] => {
  const engine = engineOf(detector);
  return Array.from(events, (one) => engine.process(one, 'both').lnP);
};
const stateOf = (engine: ReturnType<typeof createEngine>) => encodeState(engine.save);

describe.each(statistics)('$name', (detector) => {
  test('stays a finite probability on a constant stream', () => {
    const constant = Array.from({ length: 5000 }, (_, n) => event(streamStart + n * 10_000, 'a', 'b', n));
    const odd = lnPsOf(detector, constant).filter((lnP) => !Number.isFinite(lnP) || lnP > 0);
    expect(odd).toEqual([]);
  });

  test('gives the same scores for the same stream', () => {
    expect(lnPsOf(detector, quietNetwork(3000, 7))).toEqual(lnPsOf(detector, quietNetwork(3000, 7)));
  });

  test('goes on after a restart as if there had been none', () => {
    const events = [...quietNetwork(6000, 3)];
    const whole = lnPsOf(detector, events);
    const before = engineOf(detector);
    const first = events.slice(0, 3000).map((one) => before.process(one, 'both').lnP);
    const after = engineOf(detector);
    after.restore(decodeState(stateOf(before)));
    const second = events.slice(3000).map((one) => after.process(one, 'both').lnP);
    expect([...first, ...second]).toEqual(whole);
  });

  test('keeps the same state through a restart', () => {
    const before = engineOf(detector);
    for (const one of quietNetwork(3000, 5)) before.process(one, 'both');
    const after = engineOf(detector);
    after.restore(decodeState(stateOf(before)));
    expect(stateOf(after).equals(stateOf(before))).toBe(true);
  });

  test('needs no more room for ten times the events of the same agents', () => {
    const engine = engineOf(detector);
    const sizes: number[] = [];
    let n = 0;
    for (const one of quietNetwork(200_000, 11)) {
      engine.process(one, 'both');
      n += 1;
      if (n === 20_000 || n === 200_000) sizes.push(stateOf(engine).length);
    }
    expect(sizes[1] ?? 0).toBeLessThanOrEqual((sizes[0] ?? 0) * 1.05);
  });
});

const planted: Readonly<Record<string, (time: number) => readonly AmissEvent[]>> = {
  volume: (time) => burst(time, 'service-1', 300),
  'edge-burst': (time) => burst(time, 'service-1', 300),
  'fan-out': (time) =>
    Array.from({ length: 40 }, (_, n) => event(time + n, 'service-1', `service-${n + 20}`, n)),
  'new-edge': (time) => [event(time, 'service-1', 'service-15', 0)],
  beacon: (time) =>
    Array.from({ length: 25 }, (_, n) => event(time + n * 300_000, 'service-1', 'outside', n)),
  'rare-caller': (time) => [event(time, 'stranger', 'service-1', 0)],
};

describe.each(statistics.filter(({ name }) => planted[name] !== undefined))('$name', (detector) => {
  const quiet = [...quietNetwork(60_000, 13)];
  const end = (quiet.at(-1)?.time ?? 0) + 60_000;

  test('is more surprised by what was planted than by anything of the last half of the quiet stream', () => {
    const engine = engineOf(detector);
    const lnPs = quiet.map((one) => engine.process(one, 'both').lnP);
    const attack = (planted[detector.name]?.(end) ?? []).map((one) => engine.process(one, 'both').lnP);
    expect(Math.min(...attack)).toBeLessThan(Math.min(...lnPs.slice(lnPs.length / 2)));
  });

  test('is surprised no more often than it says, once it knows the stream', () => {
    const engine = engineOf(detector);
    const least = new Map<string, number>(); // of each agent's minute, as the test counts minutes
    for (const [n, one] of quiet.entries()) {
      const { lnP } = engine.process(one, 'source');
      if (n < quiet.length / 2) continue;
      const unit = `${one.source} ${Math.floor(one.time / 60_000)}`;
      least.set(unit, Math.min(lnP, least.get(unit) ?? 0));
    }
    const ps = [...least.values()].map(Math.exp);
    // 1.5 times nominal, and three standard deviations of a count for the draw itself.
    for (const alpha of [0.01, 0.001]) {
      const nominal = alpha * ps.length;
      const seen = ps.filter((p) => p <= alpha).length;
      expect(seen).toBeLessThanOrEqual(1.5 * nominal + 3 * Math.sqrt(nominal));
    }
  });
});

/** So many calls within one minute on an edge that is known. */
function burst(time: number, source: string, calls: number): readonly AmissEvent[] {
  return Array.from({ length: calls }, (_, n) => event(time + n, source, 'service-2', n));
}
