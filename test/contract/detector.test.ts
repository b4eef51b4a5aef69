import { describe, expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { createDecisions } from '../../services/scorer/decisions.ts';
import type { Detector } from '../../services/scorer/detectors/detector.ts';
import { detectors } from '../../services/scorer/detectors/index.ts';
import { createEngine } from '../../services/scorer/engine/engine.ts';
import { decodeState, encodeState } from '../../services/scorer/state.ts';
import { event, quietNetwork, streamStart } from '../support/detector-stream.ts';

const statistics = detectors.filter((detector) => detector.kind === 'statistic');
const engineOf = (detector: Detector) =>
  createEngine({ detectors: [detector], decisions: createDecisions(), onSignal: () => undefined });
const lnPsOf = (detector: Detector, events: Iterable<AmissEvent>): readonly number[] => {
  const engine = engineOf(detector);
  return Array.from(events, (one) => engine.process(one, 'both').lnP);
};
/** The quiet network with all that events may carry, so that every statistic has something to learn. */
function* dressedNetwork(events: number, seed: number): Generator<AmissEvent> {
  let n = 0;
  for (const one of quietNetwork(events, seed)) {
    yield dressed(one, n);
    n += 1;
  }
}
const dressed = (one: AmissEvent, n: number): AmissEvent => ({
  ...one,
  action: `GET /${n % 5}`,
  resources: [`table-${n % 9}`],
  outcome: n % 50 === 0 ? 'error' : 'success',
  duration_ms: 10 + (n % 17),
  bytes_out: 500 + ((n * 37) % 400),
  bytes_in: 3000 + ((n * 91) % 2000),
  trace_id: `${one.source} ${Math.floor(n / 6)}`,
  shipper: 'edge-1',
  observer: `proxy-${n % 3}`,
});
const stateOf = (engine: ReturnType<typeof createEngine>) => encodeState(engine.save);

describe.each(statistics)('$name', (detector) => {
  test('stays a finite probability on a constant stream', () => {
    const constant = Array.from({ length: 5000 }, (_, n) =>
      dressed(event(streamStart + n * 10_000, 'a', 'b', n), 0),
    );
    const odd = lnPsOf(detector, constant).filter((lnP) => !Number.isFinite(lnP) || lnP > 0);
    expect(odd).toEqual([]);
  });

  test('gives the same scores for the same stream', () => {
    expect(lnPsOf(detector, dressedNetwork(3000, 7))).toEqual(lnPsOf(detector, dressedNetwork(3000, 7)));
  });

  test('goes on after a restart as if there had been none', () => {
    const events = [...dressedNetwork(6000, 3)];
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
    for (const one of dressedNetwork(3000, 5)) before.process(one, 'both');
    const after = engineOf(detector);
    after.restore(decodeState(stateOf(before)));
    expect(stateOf(after).equals(stateOf(before))).toBe(true);
  });

  test('needs no more room for ten times the events of the same agents', () => {
    const engine = engineOf(detector);
    const sizes: number[] = [];
    let n = 0;
    for (const one of dressedNetwork(200_000, 11)) {
      engine.process(one, 'both');
      n += 1;
      if (n === 20_000 || n === 200_000) sizes.push(stateOf(engine).length);
    }
    expect(sizes[1] ?? 0).toBeLessThanOrEqual((sizes[0] ?? 0) * 1.05);
  });
});
