import { expect, test } from 'vitest';
import type { Signal } from '#shared/signal.ts';
import { createCorrelator } from '../../../../services/scorer/correlator.ts';
import { detectors } from '../../../../services/scorer/detectors/index.ts';
import { decodeState, encodeState } from '../../../../services/scorer/state.ts';

const minuteMs = 60_000;
const start = Date.UTC(2026, 5, 8);
let n = 0;

function signal(given: Partial<Signal> & { agent: string; time: number; score: number }): Signal {
  n += 1;
  const p = 10 ** -given.score;
  return {
    id: `signal-${n}`,
    space: 'default',
    peer: 'server',
    cause: `volume/source/${given.agent}`,
    p,
    evidence: [
      {
        detector: 'volume',
        p,
        observed: 500,
        expected: 5,
        lower: 1,
        upper: 12,
        unit: 'calls out within 1 minute',
        baseline_source: 'self',
        group: 'service',
        group_expected: 4,
        subject: null,
        from: given.time,
        to: given.time + minuteMs,
        sentence: `${given.agent} made 500 calls within 1 minute, where 5 is usual`,
      },
    ],
    first_seen: null,
    events: [`event-${n}`],
    trace_id: null,
    ...given,
  };
}

/** A correlator that has seen a quiet week of faint signals. */
function settled() {
  const correlator = createCorrelator({ alertsPerDay: 1, detectors });
  for (let hour = 0; hour < 168; hour += 1) {
    correlator.take(
      signal({ agent: `quiet-${hour}`, peer: null, time: start + hour * 60 * minuteMs, score: 2 }),
    );
  }
  return correlator;
}
const attack = start + 169 * 60 * minuteMs;

test('tells a strong signal with every field that an analyst needs', () => {
  const alert = settled().take(signal({ agent: 'web', time: attack, score: 12 }));
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
  expect(settled().take(signal({ agent: 'web', time: attack, score: 1 }))).toBeUndefined();
});

test('what follows updates the alert when it got worse, under the same id', () => {
  const correlator = settled();
  const first = correlator.take(signal({ agent: 'web', time: attack, score: 12 }));
  expect(correlator.take(signal({ agent: 'web', time: attack + minuteMs, score: 12.1 }))).toBeUndefined();
  const worse = correlator.take(signal({ agent: 'web', time: attack + 2 * minuteMs, score: 30 }));
  expect(worse).toMatchObject({ id: first?.id, revision: 2, time: attack, signals: 3 });
});

test('a flood from many forged callers is one case from the third caller on', () => {
  const correlator = settled();
  const told = Array.from({ length: 200 }, (_, i) =>
    correlator.take(signal({ agent: `forged-${i}`, peer: 'victim', time: attack + i * 100, score: 12 })),
  );
  expect(new Set(told.flatMap((alert) => alert?.id ?? [])).size).toBeLessThanOrEqual(2);
});

test('a new attack on the same agent an hour later is a new alert', () => {
  const correlator = settled();
  const first = correlator.take(signal({ agent: 'web', time: attack, score: 12 }));
  const later = correlator.take(signal({ agent: 'web', time: attack + 60 * minuteMs, score: 14 }));
  expect(later).toMatchObject({ revision: 1 });
  expect(later?.id).not.toBe(first?.id);
});

test('goes on after a restart with its open cases', () => {
  const correlator = settled();
  const first = correlator.take(signal({ agent: 'web', time: attack, score: 12 }));
  const after = createCorrelator({ alertsPerDay: 1, detectors });
  after.restore(decodeState(encodeState(correlator.save)));
  const worse = after.take(signal({ agent: 'web', time: attack + minuteMs, score: 40 }));
  expect(worse).toMatchObject({ id: first?.id, revision: 2, signals: 2 });
});

test('signals before the end of learning are not told', () => {
  const correlator = createCorrelator({ alertsPerDay: 1, detectors, learnUntil: attack + minuteMs });
  for (let hour = 0; hour < 100; hour += 1) {
    correlator.take(signal({ agent: `q-${hour}`, peer: null, time: start + hour * 60 * minuteMs, score: 2 }));
  }
  expect(correlator.take(signal({ agent: 'web', time: attack, score: 50 }))).toBeUndefined();
  expect(correlator.take(signal({ agent: 'shop', time: attack + 2 * minuteMs, score: 50 }))).toBeDefined();
});

test('tells a walk over several hops as one alert, and others as their own', () => {
  const correlator = settled();
  const walk = (agent: string, peer: string, path: string, minutes: number) => {
    const made = signal({ agent, peer, time: attack + minutes * minuteMs, score: 10 + minutes });
    const evidence = made.evidence.map((one) => ({ ...one, detector: 'lateral-chain', subject: path }));
    return correlator.take({ ...made, cause: `lateral-chain/source/${agent}`, evidence });
  };
  const first = walk('front', 'app', 'user → front → app', 1);
  const second = walk('app', 'store', 'user → front → app → store', 8);
  expect(second).toMatchObject({ id: first?.id, revision: 2, agent: 'front' });
  expect(walk('other', 'store', 'outsider → other → store', 9)?.id).not.toBe(first?.id);
});
