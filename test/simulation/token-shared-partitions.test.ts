import { expect, test } from 'vitest';
import type { Alert } from '#shared/alert.ts';
import type { AmissEvent } from '#shared/event.ts';
import type { Signal } from '#shared/signal.ts';
import { createCorrelator } from '../../services/scorer/correlation/correlator.ts';
import { createDecisions } from '../../services/scorer/decisions.ts';
import { tokenShared } from '../../services/scorer/detectors/token-shared.ts';
import { createEngine } from '../../services/scorer/engine/engine.ts';

const start = Date.UTC(2026, 10, 2);
const detectors = [tokenShared];
const callOf = (i: number, source: string): AmissEvent => ({
  id: `e${i}`,
  time: start + i * 60_000,
  received_at: start,
  space: 'default',
  source,
  destination: 'shop',
  token_id: 'token-1',
});

/** Feeds the callers' partition and the called agent's, each with its own end of every call. */
function alertsOf(calls: readonly AmissEvent[]): { signals: readonly Signal[]; alerts: readonly Alert[] } {
  const signals: Signal[] = [];
  const engineOf = () =>
    createEngine({ detectors, decisions: createDecisions(), onSignal: (signal) => signals.push(signal) });
  const callers = engineOf();
  const called = engineOf();
  for (const call of calls) {
    callers.process(call, 'source');
    called.process(call, 'destination');
  }
  const correlator = createCorrelator({ alertsPerDay: 10, detectors });
  return { signals, alerts: signals.flatMap((signal) => correlator.take(signal)) };
}

test('a stolen token that two partitions see is told once', () => {
  const { signals, alerts } = alertsOf([callOf(0, 'web'), callOf(1, 'web'), callOf(2, 'thief')]);
  expect(signals.map(({ agent, peer }) => [agent, peer])).toEqual([
    ['thief', 'shop'],
    ['shop', 'thief'],
  ]);
  expect(alerts).toHaveLength(1);
});

test('a token in the hands of its holder is not told', () => {
  expect(alertsOf([callOf(0, 'web'), callOf(1, 'web')]).signals).toEqual([]);
});
