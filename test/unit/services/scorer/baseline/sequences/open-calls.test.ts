import { expect, test } from 'vitest';
import {
  type ClosedCall,
  createOpenCalls,
} from '../../../../../../services/scorer/baseline/sequences/open-calls.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';

const shop = 3;
const other = 4;
const late = 1e12;

function scene() {
  let calls = createOpenCalls('test');
  const closed = (agent: number, now: number = late): readonly (readonly [number, number])[] => {
    const told: (readonly [number, number])[] = [];
    calls.close(agent, now, ({ asked, ownMs }) => told.push([asked, ownMs]));
    return told;
  };
  return {
    called: (trace: string, [from, to]: readonly [number, number], asked = 1) =>
      calls.open({ agent: shop, trace }, { from, to }, { caller: other, asked, weight: 1 }),
    waited: (trace: string, [from, to]: readonly [number, number], agent = shop) =>
      calls.wait({ agent, trace }, { from, to }),
    closed,
    forget: () => calls.forget(shop),
    restart: () => {
      const bytes = encodeState(calls.save);
      calls = createOpenCalls('test');
      calls.restore(decodeState(bytes));
    },
  };
}

test('what an agent waited for others is not its own time, whether they are told before its call or after it', () => {
  const after = scene();
  after.called('t', [0, 100]);
  after.waited('t', [10, 40]);
  after.waited('t', [50, 70]);
  expect(after.closed(shop)).toEqual([[1, 50]]);
  const before = scene();
  before.waited('t', [10, 40]);
  before.waited('t', [50, 70]);
  before.called('t', [0, 100]);
  expect(before.closed(shop)).toEqual([[1, 50]]);
});

test('calls that it made at the same time are counted once, and only as long as its own call runs', () => {
  const { called, waited, closed } = scene();
  called('t', [0, 100]);
  waited('t', [10, 50]);
  waited('t', [30, 60]);
  waited('t', [90, 500]);
  expect(closed(shop)).toEqual([[1, 40]]);
});

test('an answer that seems to come after the call it was for came before, if all of the waiting fits into the call', () => {
  const { called, waited, closed } = scene();
  called('t', [0, 100]);
  waited('t', [60, 140]);
  expect(closed(shop)).toEqual([[1, 20]]);
});

test('a call that is over says who made it, and how often and how long it waited', () => {
  const calls = createOpenCalls('test');
  calls.open({ agent: shop, trace: 't' }, { from: 0, to: 100 }, { caller: other, asked: 1, weight: 0.5 });
  calls.wait({ agent: shop, trace: 't' }, { from: 10, to: 40 });
  calls.wait({ agent: shop, trace: 't' }, { from: 50, to: 60 });
  const told: ClosedCall[] = [];
  calls.close(shop, late, (call) => told.push({ ...call }));
  expect(told).toEqual([
    { caller: other, asked: 1, weight: 0.5, waits: 2, waitedMs: 40, ownMs: 60, to: 100 },
  ]);
});

test('calls of another trace, or of another agent, are nothing that it waited for', () => {
  const { called, waited, closed } = scene();
  called('t', [0, 100]);
  waited('u', [10, 50]);
  waited('t', [10, 50], other);
  expect(closed(shop)).toEqual([[1, 100]]);
  expect(closed(other)).toEqual([]);
});

test('each of several calls in one trace has the calls that were made for it', () => {
  const { called, waited, closed } = scene();
  called('t', [0, 100], 1);
  waited('t', [10, 30]);
  called('t', [200, 300], 2);
  waited('t', [210, 290]);
  expect(closed(shop)).toEqual([
    [1, 80],
    [2, 20],
  ]);
});

test('a call is over five seconds after its end, when the last of its calls should have come', () => {
  const { called, closed } = scene();
  called('t', [0, 100]);
  expect(closed(shop, 5099)).toEqual([]);
  expect(closed(shop, 5100)).toEqual([[1, 100]]);
  expect(closed(shop)).toEqual([]);
});

test('goes on after a restart', () => {
  const { called, waited, closed, restart } = scene();
  called('t', [0, 100]);
  restart();
  waited('t', [10, 40]);
  expect(closed(shop)).toEqual([[1, 70]]);
});

test('whoever gets the slot of another has none of its calls', () => {
  const { called, waited, closed, forget } = scene();
  called('t', [0, 100]);
  forget();
  waited('t', [10, 40]);
  expect(closed(shop)).toEqual([]);
});

test('where there are more calls than there is room for, the oldest give way and the newest are right', () => {
  const { called, waited, closed } = scene();
  for (let n = 0; n < 20_000; n += 1) {
    called(`t${n}`, [n, n + 100], n);
    waited(`t${n}`, [n + 10, n + 40]);
  }
  const told = closed(shop);
  expect(told).toHaveLength(8192);
  expect(told.at(-1)).toEqual([19_999, 70]);
  expect(told.every(([, ownMs]) => ownMs === 70 || ownMs === 100)).toBe(true);
});
