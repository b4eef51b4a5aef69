import { expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { seededRandom } from '#shared/random.ts';
import { createDecisions } from '../../../../../services/scorer/decisions.ts';
import { sequence } from '../../../../../services/scorer/detectors/sequence.ts';
import { createEngine } from '../../../../../services/scorer/engine/engine.ts';
import { event } from '../../../../support/detector-stream.ts';

const start = Date.UTC(2026, 5, 1);

function scored() {
  const engine = createEngine({
    detectors: [sequence],
    decisions: createDecisions(),
    onSignal: () => undefined,
  });
  let n = 0;
  /** One trace: a page asks the shop, which asks others one after another; ln p of each of its steps. */
  const trace = (steps: readonly string[], facts: Partial<AmissEvent> = {}): readonly number[] => {
    n += 1;
    const time = start + n * 60_000;
    const shared = { trace_id: `trace-${n}`, outcome: 'success' as const, ...facts };
    engine.process({ ...event(time, 'page', 'shop', n), action: 'GET /cart', ...shared }, 'both');
    return steps.map((action, i) => {
      const call = { ...event(time + 10 * (i + 1), 'shop', 'store', n), action, ...shared };
      return engine.process(call, 'both').lnP;
    });
  };
  /** Two traces of the same steps, step by step at once. */
  const interleaved = (steps: readonly string[]) => {
    n += 2;
    for (const [i, action] of steps.entries()) {
      for (const trace_id of [`trace-${n}`, `trace-${n - 1}`])
        engine.process({ ...event(start + n * 60_000 + i, 'shop', 'store', n), action, trace_id }, 'both');
    }
  };
  return { trace, interleaved };
}

/** Traces of one workflow in which the middle step is sometimes left out. */
function learned() {
  const { trace } = scored();
  const random = seededRandom(3);
  for (let i = 0; i < 2000; i += 1)
    trace(random.next() < 0.5 ? ['read', 'check', 'write'] : ['read', 'write']);
  return trace;
}

test('what always follows says nothing', () => {
  const trace = learned();
  expect(trace(['read', 'check', 'write'])).toEqual([0, 0, 0]);
});

test('a step out of its order is unlikely, though each of its steps is made every day', () => {
  const trace = learned();
  const [write = 0] = trace(['write', 'read']);
  expect(write).toBeLessThan(Math.log(1e-3));
});

test('an order that is seen again and again is learned', () => {
  const trace = learned();
  for (let i = 0; i < 300; i += 1) trace(['write', 'read']);
  expect(trace(['write', 'read'])[0]).toBeGreaterThan(Math.log(0.2));
});

test('what a language model does next is left to turned-session', () => {
  const trace = learned();
  expect(trace(['write', 'read'], { protocol: 'mcp' })).toEqual([0, 0]);
});

test('steps of traces that run at once do not follow each other', () => {
  const { trace, interleaved } = scored();
  for (let i = 0; i < 1000; i += 1) interleaved(['read', 'write']);
  expect(trace(['read', 'write'])).toEqual([0, 0]);
  expect(trace(['read', 'read'])[1]).toBeLessThan(Math.log(1e-2));
});
