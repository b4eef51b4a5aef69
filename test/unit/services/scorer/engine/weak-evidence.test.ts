import { expect, test } from 'vitest';
import {
  createWeakEvidence,
  type WeakEvidence,
} from '../../../../../services/scorer/engine/weak-evidence.ts';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';
import { exponential } from '../../../../../services/simulator/draws.ts';
import { seededRandom } from '../../../../../shared/random.ts';

const windowMs = 300_000;
const dayMs = 86_400_000;
const start = Date.UTC(2026, 5, 8);
const random = seededRandom(11);

/** So many windows of an agent, each of exponential surprise with this mean; the least ln p that was on the way. */
function live(weak: WeakEvidence, { windows, mean = 1, agent = 0, from = start }: Life): number {
  let least = 0;
  for (let i = 0; i < windows; i += 1) {
    const window = { agent, group: 0, lnP: -exponential(random, mean), time: from + i * windowMs };
    least = Math.min(least, weak.lnP(window));
    weak.close(window);
  }
  return least;
}
interface Life {
  readonly windows: number;
  readonly mean?: number;
  readonly agent?: number;
  readonly from?: number;
}
const later = start + 40 * dayMs;

/** After 400,000 windows of forty agents. */
function settled() {
  const weak = createWeakEvidence();
  for (let agent = 0; agent < 40; agent += 1) live(weak, { windows: 10_000, agent });
  return weak;
}

test('windows that are each half as surprising again are evidence once they are many', () => {
  const weak = settled();
  const attacked = live(weak, { windows: 300, mean: 1.6, from: later });
  expect(attacked).toBeLessThan(Math.log(1e-4));
  expect(weak.run(0)).toMatchObject({ from: expect.any(Number) });
  expect(weak.run(0).mean).toBeGreaterThan(1.3);
});

test('a single surprise, however great, is no lasting evidence', () => {
  const weak = settled();
  live(weak, { windows: 20, mean: 0.2, from: later });
  const once = { agent: 0, group: 0, lnP: -500, time: later + 21 * windowMs };
  expect(weak.lnP(once)).toBeGreaterThan(Math.log(1e-2));
});

test('an agent that is always twice as surprising as its group adds nothing up', () => {
  const weak = settled();
  live(weak, { windows: 10_000, mean: 2, agent: 41 });
  expect(live(weak, { windows: 500, mean: 2, agent: 41, from: later })).toBeGreaterThan(Math.log(1e-3));
});

test('is calibrated on windows that hang together by nothing', () => {
  const weak = settled();
  let alarms = 0;
  for (let i = 0; i < 100_000; i += 1) {
    const window = { agent: i % 40, group: 0, lnP: -exponential(random, 1), time: later + i * 1000 };
    if (weak.lnP(window) <= Math.log(1e-2)) alarms += 1;
    weak.close(window);
  }
  expect(alarms / 1000).toBeGreaterThan(0.5);
  expect(alarms / 1000).toBeLessThan(1.5);
});

test('a run ends with a pause of more than a weekend', () => {
  const weak = settled();
  const during = live(weak, { windows: 150, mean: 1.6, from: later });
  const next = { agent: 0, group: 0, lnP: -2, time: later + 5 * dayMs };
  expect(weak.lnP(next)).toBeGreaterThan(during / 4);
  weak.close(next);
  expect(weak.run(0).windows).toBeLessThanOrEqual(2);
});

test('tells a run once a step, again after the next run began', () => {
  const weak = settled();
  live(weak, { windows: 150, mean: 1.6, from: later });
  expect(weak.tell(0, 1)).toBe(true);
  expect(weak.tell(0, 1)).toBe(false);
  expect(weak.tell(0, 2)).toBe(true);
  for (let i = 0; i < 2; i += 1) weak.close({ agent: 0, group: 0, lnP: -2, time: later + 5 * dayMs + i });
  expect(weak.tell(0, 1)).toBe(true);
});

test('goes on after a restart, and forgets whose slot is given away', () => {
  const before = settled();
  live(before, { windows: 150, mean: 1.6, from: later });
  const after = createWeakEvidence();
  after.restore(decodeState(encodeState(before.save)));
  const window = { agent: 0, group: 0, lnP: -2, time: later + 151 * windowMs };
  expect(after.lnP(window)).toBe(before.lnP(window));
  after.clear(0);
  expect(after.lnP(window)).toBe(0);
  expect(after.run(0)).toMatchObject({ from: 0, windows: 1 });
});
