import { expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { type Random, seededRandom } from '#shared/random.ts';
import { createDecisions } from '../../../../../services/scorer/decisions.ts';
import { slowAgent } from '../../../../../services/scorer/detectors/slow-agent.ts';
import { createEngine } from '../../../../../services/scorer/engine/engine.ts';
import { logNormal } from '../../../../../services/simulator/draws.ts';
import { event } from '../../../../support/detector-stream.ts';

const start = Date.UTC(2026, 5, 1);

/** How many times as long as usual each of them takes by itself. */
interface Slowness {
  readonly shop?: number;
  readonly stock?: number;
}

/** A page asks the shop, which asks the stock: one trace, in the order in which calls begin, or end. */
function trace(n: number, random: Random, slow: Slowness): readonly AmissEvent[] {
  const [own, ofStock] = [logNormal(random, 20, 0.4), logNormal(random, 10, 0.4)];
  const [ownMs, stockMs] = [own * (slow.shop ?? 1), ofStock * (slow.stock ?? 1)];
  const time = start + n * 2000;
  const shared = { trace_id: `trace-${n}`, action: 'GET /cart', outcome: 'success' as const };
  return [
    { ...event(time, 'page', 'shop', n), ...shared, duration_ms: ownMs + stockMs },
    { ...event(time + 2, 'shop', 'stock', n), ...shared, duration_ms: stockMs },
  ];
}

function scene({ isEndOrder = false }: { readonly isEndOrder?: boolean } = {}) {
  const engine = createEngine({
    detectors: [slowAgent],
    decisions: createDecisions(),
    onSignal: () => undefined,
  });
  const random = seededRandom(3);
  let n = 0;
  /** ln p of the calls to the shop, and of those to the stock, of so many traces. */
  const run = (traces: number, slow: Slowness = {}) => {
    const lnPs = { shop: [] as number[], stock: [] as number[] };
    for (let i = 0; i < traces; i += 1) {
      n += 1;
      const calls = trace(n, random, slow);
      for (const call of isEndOrder ? calls.toReversed() : calls)
        lnPs[call.destination === 'shop' ? 'shop' : 'stock'].push(engine.process(call, 'both').lnP);
    }
    return {
      shop: lnPs.shop,
      stock: lnPs.stock,
      last: lnPs.shop.at(-1) ?? 0,
      lastOfStock: lnPs.stock.at(-1) ?? 0,
    };
  };
  return { run };
}

const shareBelow = (lnPs: readonly number[], p: number) =>
  lnPs.filter((lnP) => lnP < Math.log(p)).length / lnPs.length;

test.each([false, true])(
  'an agent that has become slow is told, and not who waits for it (told when over: %s)',
  (isEndOrder) => {
    const { run } = scene({ isEndOrder });
    run(3000);
    const { last, lastOfStock } = run(20, { stock: 4 });
    expect(lastOfStock).toBeLessThan(Math.log(1e-4));
    expect(last).toBeGreaterThan(Math.log(0.01));
  },
);

test('who is slow by itself is told, and not whom it calls', () => {
  const { run } = scene();
  run(3000);
  const { last, lastOfStock } = run(20, { shop: 4 });
  expect(last).toBeLessThan(Math.log(1e-4));
  expect(lastOfStock).toBeGreaterThan(Math.log(0.01));
});

test('a single slow call is not a slow agent', () => {
  const { run } = scene();
  run(3000);
  run(1, { shop: 10 });
  expect(run(3).last).toBeGreaterThan(Math.log(1e-3));
});

test('who has recovered is soon told as slow no longer', () => {
  const { run } = scene();
  run(3000);
  run(30, { shop: 3 });
  expect(run(60).last).toBe(0);
});

test('is surprised no more often than it says by agents whose calls vary', () => {
  const { run } = scene();
  run(3000);
  const { shop, stock } = run(20_000);
  for (const lnPs of [shop, stock])
    for (const p of [0.01, 0.001]) expect(shareBelow(lnPs, p)).toBeLessThanOrEqual(1.5 * p);
});

test('a level that stays for more than a day is the new normal', () => {
  const { run } = scene();
  run(3000);
  expect(run(10_000, { shop: 10 }).last).toBeLessThan(Math.log(1e-4));
  expect(run(50_000, { shop: 10 }).last).toBe(0);
});

const helpers = ['ads', 'stock', 'prices', 'reviews'] as const;

/** A page asks the shop, which asks each of its helpers, one after another. */
function wideTrace(n: number, random: Random, lateMs: (helper: string) => number): readonly AmissEvent[] {
  const time = start + n * 2000;
  const shared = { trace_id: `trace-${n}`, action: 'GET /cart', outcome: 'success' as const };
  const asked: AmissEvent[] = [];
  let at = time + 2;
  for (const helper of helpers) {
    const duration_ms = logNormal(random, 10, 0.4) + lateMs(helper);
    asked.push({ ...event(at, 'shop', helper, n), ...shared, duration_ms });
    at += duration_ms;
  }
  const duration_ms = at - time + logNormal(random, 10, 0.4);
  return [{ ...event(time, 'page', 'shop', n), ...shared, duration_ms }, ...asked];
}

/** ln p of the last call to each agent, after many ordinary traces and twenty with delays. */
function lastOf(lateMs: (helper: string) => number): Readonly<Record<string, number>> {
  const engine = createEngine({
    detectors: [slowAgent],
    decisions: createDecisions(),
    onSignal: () => undefined,
  });
  const random = seededRandom(4);
  const last: Record<string, number> = {};
  for (let n = 0; n < 3020; n += 1) {
    for (const call of wideTrace(n, random, n < 3000 ? () => 0 : lateMs))
      last[call.destination] = engine.process(call, 'both').lnP;
  }
  return last;
}

test('who has everybody wait is told, and not whom it calls', () => {
  const last = lastOf(() => 60);
  expect(last['shop']).toBeLessThan(Math.log(1e-4));
  for (const helper of helpers) expect(last[helper]).toBeGreaterThan(Math.log(0.01));
});

test('one of several that are called is told if it alone is late, and not its caller', () => {
  const last = lastOf((helper) => (helper === 'stock' ? 60 : 0));
  expect(last['stock']).toBeLessThan(Math.log(1e-4));
  for (const other of ['shop', 'ads', 'prices', 'reviews'])
    expect(last[other]).toBeGreaterThan(Math.log(0.01));
});
