import { expect, test } from 'vitest';
import type { Decision } from '#shared/decision.ts';
import { createCorrelator } from '../../../../../services/scorer/correlation/correlator.ts';
import { detectors } from '../../../../../services/scorer/detectors/index.ts';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';
import { attack, dayMs, hourMs, minuteMs, settled, signal, start } from '../../../../support/signals.ts';

test('tells a strong signal with every field that an analyst needs', () => {
  const [alert] = settled().take(signal({ agent: 'web', time: attack, score: 12 }));
  expect(alert).toMatchObject({
    revision: 1,
    agent: 'web',
    peers: ['server'],
    time: attack,
    severity: 86,
    detectors: ['volume'],
    status: 'new',
    signals: 1,
  });
  expect(alert?.techniques.map(({ id }) => id)).toContain('T1498');
  expect(alert?.sentence).toContain('500 calls within 1 minute, where 5 is usual');
});

test('says nothing about what is as faint as every day', () => {
  expect(settled().take(signal({ agent: 'web', time: attack, score: 1 }))).toEqual([]);
});

test('what follows updates the alert when it got worse, under the same id', () => {
  const correlator = settled();
  const [first] = correlator.take(signal({ agent: 'web', time: attack, score: 12 }));
  expect(correlator.take(signal({ agent: 'web', time: attack + minuteMs, score: 12.1 }))).toEqual([]);
  const [worse] = correlator.take(signal({ agent: 'web', time: attack + 2 * minuteMs, score: 30 }));
  expect(worse).toMatchObject({ id: first?.id, revision: 2, time: attack, signals: 3 });
});

test('an alert that goes on is brought up to date once an hour, and when it spreads', () => {
  const correlator = settled();
  const revisions = Array.from({ length: 30 }, (_, i) => i * 5 * minuteMs).flatMap((after) =>
    correlator.take(signal({ agent: 'web', time: attack + after, score: 12 })),
  );
  expect(revisions.map(({ updated_at }) => updated_at - attack)).toEqual([0, hourMs, 2 * hourMs]);
  const spread = ['a', 'b', 'c'].flatMap((peer) =>
    correlator.take(signal({ agent: 'web', peer, time: attack + 2.5 * hourMs, score: 12 })),
  );
  expect(spread.map(({ peers }) => peers.length)).toEqual([2, 4]);
});

test('names the events of the strongest signals first and of the newest last, and no more than twenty', () => {
  const correlator = settled();
  const told = Array.from({ length: 40 }, (_, i) =>
    correlator.take(
      signal({ agent: 'web', time: attack + i * 5 * minuteMs, score: i === 5 ? 40 : 12, events: [`e${i}`] }),
    ),
  ).flat();
  const events = told.at(-1)?.events ?? [];
  expect(events).toHaveLength(20);
  expect(events[0]).toBe('e5');
  expect(events.at(-1)).toBe('e29'); // revised when it was strongest, and every hour from then on
});

test('before it is told a case is about what is most unusual in it, afterwards about whom it was told of', () => {
  const correlator = settled();
  expect(correlator.take(signal({ agent: 'app', peer: 'web', time: attack, score: 1 }))).toEqual([]);
  const [first] = correlator.take(signal({ agent: 'web', peer: 'app', time: attack + 1, score: 12 }));
  expect(first).toMatchObject({ agent: 'web', cause: 'volume/source/web', peers: ['app'] });
  const [worse] = correlator.take(signal({ agent: 'app', peer: 'web', time: attack + 2, score: 30 }));
  expect(worse).toMatchObject({ id: first?.id, agent: 'web', peers: ['app'] });
});

test('goes on after a restart with its open cases', () => {
  const correlator = settled();
  const [first] = correlator.take(signal({ agent: 'web', time: attack, score: 12 }));
  const after = createCorrelator({ alertsPerDay: 1, detectors });
  after.restore(decodeState(encodeState(correlator.save)));
  const [worse] = after.take(signal({ agent: 'web', time: attack + minuteMs, score: 40 }));
  expect(worse).toMatchObject({ id: first?.id, revision: 2, signals: 2 });
});

test('signals before the end of learning are not told', () => {
  const correlator = createCorrelator({ alertsPerDay: 1, detectors, learnUntil: attack + minuteMs });
  for (let hour = 0; hour < 100; hour += 1) {
    correlator.take(signal({ agent: `q-${hour}`, peer: null, time: start + hour * hourMs, score: 2 }));
  }
  expect(correlator.take(signal({ agent: 'web', time: attack, score: 50 }))).toEqual([]);
  expect(correlator.take(signal({ agent: 'shop', time: attack + 2 * minuteMs, score: 50 }))).toHaveLength(1);
});

test('what was unusual while learning is told when it comes again afterwards', () => {
  const correlator = settled({ learnUntil: attack + hourMs });
  expect(correlator.take(signal({ agent: 'web', time: attack, score: 12 }))).toEqual([]);
  const [alert] = correlator.take(signal({ agent: 'web', time: attack + 2 * hourMs, score: 13 }));
  expect(alert).toMatchObject({ revision: 1, signals: 2, time: attack + 2 * hourMs });
});

const confirmed = (id: string): Decision => ({
  id: 'd',
  key: `alert/${id}`,
  kind: 'alert',
  time: attack,
  space: 'default',
  by: 'ann',
  reason: '',
  body: { verdict: 'confirmed' },
});

test('a confirmed incident takes nothing from the budget', () => {
  const thresholdAfter = (isConfirmed: boolean) => {
    const correlator = settled();
    for (let i = 0; i < 6; i += 1) {
      const [alert] = correlator.take(signal({ agent: `web-${i}`, peer: null, time: attack, score: 12 + i }));
      const id = alert?.id ?? '';
      if (isConfirmed) correlator.decide(`alert/${id}`, confirmed(id));
    }
    correlator.take(signal({ agent: 'later', peer: null, time: attack + dayMs, score: 0.1 }));
    return correlator.threshold();
  };
  expect(thresholdAfter(true)).toBeLessThan(thresholdAfter(false));
});

test('every piece of a running correlator comes back: the same signals give the same alerts after a restart', () => {
  const stream = Array.from({ length: 400 }, (_, i) =>
    signal({
      agent: `web-${(i * 7) % 11}`,
      peer: `app-${(i * 5) % 7}`,
      time: attack + i * 7 * minuteMs,
      score: 1 + ((i * 37) % 90) / 10,
      detectors: [['volume', 'new-edge', 'latency', 'token-scope'][i % 4] ?? 'volume'],
      evidence: { group_members: 12 },
    }),
  );
  const whole = settled();
  const first = settled();
  const expected = stream.flatMap((one) => whole.take(one));
  const before = stream.slice(0, 200).flatMap((one) => first.take(one));
  const second = createCorrelator({ alertsPerDay: 1, detectors });
  second.restore(decodeState(encodeState(first.save)));
  const after = stream.slice(200).flatMap((one) => second.take(one));
  expect(expected.length).toBeGreaterThan(10);
  expect([...before, ...after]).toEqual(expected);
});
