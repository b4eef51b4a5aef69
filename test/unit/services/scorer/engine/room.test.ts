import { expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { createEdges } from '../../../../../services/scorer/baseline/tables/edges.ts';
import { createDecisions } from '../../../../../services/scorer/decisions.ts';
import { detectors } from '../../../../../services/scorer/detectors/index.ts';
import { createEngine } from '../../../../../services/scorer/engine/engine.ts';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';
import { event, quietNetwork, streamStart } from '../../../../support/detector-stream.ts';

const agentsMax = 200;
const engineOf = (edgesMax = 1000) =>
  createEngine({ detectors, decisions: createDecisions(), onSignal: () => undefined, agentsMax, edgesMax });
const stateOf = (engine: ReturnType<typeof engineOf>) => encodeState(engine.save);

/** Agents that each speak once, a minute after each other; what they do is not always the same. */
function* passersBy(count: number, from: number, name = 'guest'): Generator<AmissEvent> {
  for (let n = 0; n < count; n += 1) {
    yield {
      ...event(from + n * 1000, `${name}-${n}`, 'hub', n),
      action: `GET /${n % 7}`,
      bytes_out: 100 + n,
      bytes_in: 100,
      duration_ms: 5,
      outcome: n % 3 === 0 ? 'denied' : 'success',
      resources: [`account-${n % 11}`],
    };
  }
}

test('knows no more agents than it may, and its state stops growing', () => {
  const engine = engineOf();
  const sizes: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    for (const one of passersBy(1000, streamStart + round * 1_000_000, `guest-${round % 2}`)) {
      engine.process(one, 'both');
      expect(engine.agents).toBeLessThanOrEqual(agentsMax);
    }
    sizes.push(stateOf(engine).length);
  }
  expect(engine.forgotten).toBeGreaterThan(5000);
  expect(sizes[5] ?? 0).toBeLessThanOrEqual((sizes[2] ?? 0) * 1.1);
});

/** Everything that the engine holds of an agent by its slot, in tables whose rows are agents. */
function rowsOf(engine: ReturnType<typeof engineOf>, agent: string): readonly (readonly number[])[] {
  const state = decodeState(stateOf(engine));
  const slot = (state.value('agents/ids') as string[]).indexOf(agent);
  const tables: readonly (readonly [name: string, width: number])[] = [
    ['agents/births', 1],
    ['callers/callers', 2],
    ['detectors/volume/sent-3600000', 10],
    ['detectors/volume/received-60000', 10],
    ['detectors/rare-hour/hours', 4],
    ['detectors/rare-hour/hours-active', 168],
    ['detectors/slow-ramp/calls', 29],
  ];
  return tables.map(([name, width]) => [
    ...((state.floats(name) ?? state.singles(name))?.subarray(slot * width, (slot + 1) * width) ?? []),
  ]);
}

test('forgets whoever was idle for longest, and knows it again when it is back', () => {
  const quiet = [...quietNetwork(5000, 3)];
  const end = quiet.at(-1)?.time ?? 0;
  const engine = engineOf();
  for (const one of quiet) engine.process(one, 'both');
  const known = rowsOf(engine, 'service-1');
  for (const one of passersBy(400, end + 1000)) engine.process(one, 'both');
  expect(rowsOf(engine, 'service-1')).not.toEqual(known);
  expect(engine.returned).toBe(0);
  // A late event teaches nothing: what is there is what came back.
  engine.process(event(end - 600_000, 'service-1', 'service-2', 1), 'both');
  expect(engine.returned).toBe(3); // two agents and their edge
  expect(rowsOf(engine, 'service-1')).toEqual(known);
});

test('a connection of every day is none that was never made before, after both its ends were forgotten', () => {
  const quiet = [...quietNetwork(10_000, 3)];
  const end = quiet.at(-1)?.time ?? 0;
  const later = event(end + 1_100_000, 'service-1', 'service-2', 2);
  const decisions = createDecisions();
  const watched = detectors.filter(({ name }) => name === 'new-edge');
  const engine = createEngine({ detectors: watched, decisions, onSignal: () => undefined, agentsMax });
  for (const one of quiet) engine.process(one, 'both');
  for (const one of passersBy(1000, end + 1000)) engine.process(one, 'both');
  expect(engine.process(later, 'source').lnP).toBeGreaterThan(Math.log(0.05));
  const stranger = { ...later, destination: 'service-9' };
  expect(engine.process(stranger, 'source').lnP).toBeLessThan(Math.log(0.01));
});

test('an edge that was encrypted is held to it after it was forgotten', () => {
  const watched = detectors.filter(({ name }) => name === 'tls-downgrade');
  const engine = createEngine({
    detectors: watched,
    decisions: createDecisions(),
    onSignal: () => undefined,
    agentsMax,
  });
  const call = (time: number, tls_version: string) =>
    engine.process({ ...event(time, 'web', 'store', time), tls_version }, 'both');
  for (let n = 0; n < 200; n += 1) call(streamStart + n * 1000, 'TLSv1.3');
  for (const one of passersBy(400, streamStart + 1_000_000)) engine.process(one, 'both');
  expect(call(streamStart + 2_000_000, 'TLSv1.0').detector).toBe('tls-downgrade');
});

test('a slot that is given away brings nothing of its former owner', () => {
  const stranger = event(streamStart + 5_000_000, 'stranger', 'other', 1);
  const sums = ['calm', 'busy'].map((past) => {
    const engine = engineOf();
    const calls = past === 'busy' ? 500 : 1;
    for (let n = 0; n < calls; n += 1)
      engine.process(event(streamStart + n, 'former', 'former-peer', n), 'both');
    for (const one of passersBy(1000, streamStart + 1_000_000)) engine.process(one, 'both');
    engine.process(stranger, 'both');
    const state = decodeState(stateOf(engine));
    const counts = state.floats('detectors/volume/sent-3600000');
    return Math.max(...(counts ?? []).filter((_, field) => field % 10 === 2));
  });
  expect(sums).toEqual([0, 0]); // of calls beyond the first of an hour: nobody else made any
});

test('bounds the edges of few agents, too', () => {
  const engine = engineOf(50);
  for (let n = 0; n < 2000; n += 1) {
    engine.process(event(streamStart + n * 1000, `a-${n % 13}`, `b-${(n * 7) % 11}`, n), 'both');
  }
  expect(engine.forgotten).toBeGreaterThan(0);
  expect(engine.agents).toBe(24);
});

test('goes on after a restart as if there had been none', () => {
  const events = [...passersBy(700, streamStart)];
  const whole = engineOf();
  for (const one of events) whole.process(one, 'both');
  const before = engineOf();
  for (const one of events.slice(0, 400)) before.process(one, 'both');
  const after = engineOf();
  after.restore(decodeState(stateOf(before)));
  for (const one of events.slice(400)) after.process(one, 'both');
  expect(stateOf(after).equals(stateOf(whole))).toBe(true);
});

test('finds every edge that is left after others were released', () => {
  const edges = createEdges();
  for (let n = 0; n < 3000; n += 1) edges.intern(n % 50, n);
  for (let edge = 0; edge < 3000; edge += 3) edges.release(edge);
  const wrong = Array.from({ length: 3000 }, (_, n) => edges.find(n % 50, n)).filter(
    (found, n) => found !== (n % 3 === 0 ? -1 : n),
  );
  expect(wrong).toEqual([]);
  expect(edges.count).toBe(2000);
  expect(edges.intern(99, 99)).toBe(2997);
});

test('agents of a replayed recording are not the idlest because another space is live', () => {
  const engine = engineOf();
  const live = [...passersBy(100, streamStart + 10_000_000_000, 'live')];
  const recorded = [...passersBy(300, streamStart, 'recorded')].map((one) => ({ ...one, space: 'recorded' }));
  for (const one of live) engine.process(one, 'both');
  for (const one of recorded) engine.process(one, 'both');
  const before = engine.agents;
  // The recording's newest is still known: it makes no newcomer.
  engine.process({ ...event(streamStart + 301_000, 'recorded-299', 'hub', 1), space: 'recorded' }, 'both');
  expect(engine.agents).toBe(before);
});
