import { describe, expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { probabilityText } from '#shared/explain/number-text.ts';
import { recompute } from '#shared/explain/recompute.ts';
import type { Evidence } from '#shared/signal.ts';
import { createDecisions } from '../../../../services/scorer/decisions.ts';
import type { Detector } from '../../../../services/scorer/detectors/detector.ts';
import { detectors } from '../../../../services/scorer/detectors/index.ts';
import { createEngine } from '../../../../services/scorer/engine.ts';
import { event, quietNetwork } from '../../../support/detector-stream.ts';

const minuteMs = 60_000;
const explained = [
  'volume',
  'edge-burst',
  'fan-out',
  'rare-caller',
  'new-edge',
  'failures',
  'latency',
  'bytes-out',
  'bytes-in',
  'token-expired',
];

/** A quiet network whose calls have sizes, durations and outcomes, with a flood, strangers and a scan. */
function* troubledNetwork(): Generator<AmissEvent> {
  let [n, end] = [0, 0];
  for (const one of quietNetwork(20_000, 17)) {
    n += 1;
    end = one.time;
    const size = 500 + ((n * 7919) % 400) + (n % 997 === 0 ? 90_000 : 0);
    const outcome = n % 61 === 0 || n % 5000 < 40 ? 'denied' : 'success';
    yield {
      ...one,
      action: 'GET /orders',
      bytes_out: size,
      bytes_in: 2 * size,
      duration_ms: size / 10,
      outcome,
    };
    if (n % 1000 === 0) yield event(one.time, `stranger-${n}`, 'service-3', 1_000_000 + n);
  }
  for (let i = 0; i < 400; i += 1) yield event(end + minuteMs + i, 'service-1', 'service-2', 2_000_000 + i);
  for (let i = 0; i < 40; i += 1)
    yield event(end + 2 * minuteMs + i, 'service-4', `service-${i}`, 3_000_000 + i);
  for (let i = 0; i < 5; i += 1) {
    const time = end + 20 * minuteMs + i;
    yield {
      ...event(time, `late-${i}`, 'service-2', 4_000_000 + i),
      token_id: 't',
      token_expires_at: time - 86_400_000,
    };
  }
}

function evidenceOf(detector: Detector): readonly Evidence[] {
  const told: Evidence[] = [];
  const engine = createEngine({
    detectors: [detector],
    decisions: createDecisions(),
    alertsPerDay: 1e9, // tells of whatever is at all unusual
    onSignal: ({ evidence }) => void told.push(...evidence),
  });
  for (const one of troubledNetwork()) engine.process(one, 'both');
  return told;
}

describe.each(detectors.filter(({ name }) => explained.includes(name)))('$name', (detector) => {
  test('gives a working from which its p is computed again', () => {
    const told = evidenceOf(detector);
    expect(told.length).toBeGreaterThan(0);
    for (const { p, working } of told) {
      const again = working === undefined ? undefined : recompute(JSON.parse(JSON.stringify(working)));
      expect(again?.lines.length).toBeGreaterThan(0);
      expect(Math.abs(Math.exp(again?.lnP ?? Number.NaN) / p - 1)).toBeLessThan(1e-9);
    }
  });
});

test('says nothing where a number is missing', () => {
  const steps = [{ name: 'caller', formula: 'rank' as const, numbers: { minutes: 1, unseen: 2 } }];
  expect(recompute({ combine: 'product', steps })).toBeUndefined();
  expect(recompute({ combine: 'product', steps: [] })).toBeUndefined();
});

test('joins two scales by the harmonic mean of their p-values', () => {
  const step = (p: number) => ({ name: `p ${p}`, formula: 'tier' as const, numbers: { p } });
  const both = recompute({ combine: 'harmonic', steps: [step(0.1), step(0.001)] });
  expect(Math.exp(both?.lnP ?? 0)).toBeCloseTo(2 / (1 / 0.1 + 1 / 0.001), 12);
  expect(both?.lines.at(-1)).toContain('harmonic mean');
});

test('writes probabilities that no double can hold', () => {
  expect(probabilityText(Math.log(0.25))).toBe('0.25');
  expect(probabilityText(-1000 * Math.LN10)).toBe('1e-1000');
});
