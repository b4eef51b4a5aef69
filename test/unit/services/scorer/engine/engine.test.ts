import { expect, test } from 'vitest';
import type { Signal } from '#shared/signal.ts';
import { createDecisions } from '../../../../../services/scorer/decisions.ts';
import { detectors } from '../../../../../services/scorer/detectors/index.ts';
import { createEngine } from '../../../../../services/scorer/engine/engine.ts';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';
import { event, quietNetwork } from '../../../../support/detector-stream.ts';

function engineWithSignals() {
  const signals: Signal[] = [];
  const engine = createEngine({
    detectors,
    decisions: createDecisions(),
    onSignal: (signal) => signals.push(signal),
  });
  return { engine, signals };
}
const quiet = [...quietNetwork(20_000, 41)];
const end = (quiet.at(-1)?.time ?? 0) + 60_000;

test('a stranger at the door is a signal with evidence, first sight and the event that shows it', () => {
  const { engine, signals } = engineWithSignals();
  for (const one of quiet) engine.process(one, 'both');
  signals.length = 0;
  engine.process({ ...event(end, 'stranger', 'service-3', 0), id: 'the-event' }, 'both');
  const told = signals.find(({ agent, peer }) => agent === 'stranger' || peer === 'stranger');
  expect(told?.events).toEqual(['the-event']);
  expect(told?.evidence.map(({ detector }) => detector)).toContain('new-edge');
  expect(told?.first_seen).toMatchObject({ agent: null, group: null });
});

test('the same events give the same signals', () => {
  const [first, second] = [engineWithSignals(), engineWithSignals()];
  for (const one of quiet) first.engine.process({ ...one }, 'both');
  for (const one of quiet) second.engine.process({ ...one }, 'both');
  expect(second.signals).toEqual(first.signals);
});

test('an answer is as surprising as the call that it answers', () => {
  const { engine } = engineWithSignals();
  for (const one of quiet) engine.process(one, 'both');
  const call = engine.process(event(end, 'stranger', 'service-3', 0), 'both').lnP;
  const answer = engine.process(event(end + 1, 'service-3', 'stranger', 1), 'both').lnP;
  expect(answer).toBeLessThanOrEqual(call);
});

test('an event that is far too late is scored and counted, and teaches nothing', () => {
  const { engine } = engineWithSignals();
  for (const one of quiet) engine.process(one, 'both');
  const late = event(end - 3_600_000, 'latecomer', 'service-3', 0);
  const first = engine.process(late, 'both').lnP;
  expect(engine.process(late, 'both').lnP).toBe(first);
  expect(engine.late).toBe(2);
});

test('two tenants with agents of the same names know nothing of each other', () => {
  const { engine } = engineWithSignals();
  for (const one of quiet) engine.process(one, 'both');
  const inOther = { ...event(end, 'service-1', 'service-2', 0), space: 'other' };
  const before = engine.agents;
  engine.process(inOther, 'both');
  expect(engine.agents).toBe(before + 2);
});

test('a recording replayed into a space of its own is not late because another space is live', () => {
  const { engine } = engineWithSignals();
  const yearMs = 365 * 86_400_000;
  const recorded = quiet.map((one) => ({ ...one, space: 'recorded' }));
  for (const one of quiet) engine.process({ ...one, time: one.time + yearMs }, 'both');
  for (const one of recorded) engine.process(one, 'both');
  expect(engine.late).toBe(0);
  expect(engine.time).toBe(Math.max(...quiet.map(({ time }) => time)) + yearMs);

  const alone = engineWithSignals();
  for (const one of recorded) alone.engine.process(one, 'both');
  const stranger = { ...event(end, 'stranger', 'service-3', 0), space: 'recorded' };
  expect(engine.process(stranger, 'both').lnP).toBe(alone.engine.process(stranger, 'both').lnP);
});

test('the clocks of all spaces come back with a restart', () => {
  const before = engineWithSignals().engine;
  for (const space of ['a', 'b']) before.process({ ...event(end, 'web', 'shop', 0), space }, 'both');
  const after = engineWithSignals().engine;
  after.restore(decodeState(encodeState(before.save)));
  after.process({ ...event(end - 3_600_000, 'web', 'shop', 0), space: 'b' }, 'both');
  after.process({ ...event(end - 3_600_000, 'web', 'shop', 0), space: 'c' }, 'both');
  expect(after.late).toBe(1);
});

test('a release of the agent is named where what it does is unlike before', () => {
  const { engine, signals } = engineWithSignals();
  for (const one of quiet) engine.process({ ...one, source_version: '1.0' }, 'both');
  signals.length = 0;
  const stranger = event(end, 'service-3', 'stranger', 0);
  engine.process({ ...event(end, 'service-3', 'service-1', 0), source_version: '1.1' }, 'both');
  engine.process({ ...stranger, time: end + 1_200_000, source_version: '1.1' }, 'both');
  const told = signals.find(({ agent, peer }) => agent === 'stranger' || peer === 'stranger');
  expect(told?.evidence[0]?.sentence).toMatch(
    /service-3 went from version 1\.0 to 1\.1 20 minutes before: if that explains it, run `amiss versions accept service-3`/,
  );
});
