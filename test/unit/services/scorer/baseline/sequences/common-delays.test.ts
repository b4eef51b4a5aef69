import { expect, test } from 'vitest';
import { createCommonDelays } from '../../../../../../services/scorer/baseline/sequences/common-delays.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';

const shop = 3;

/** The shop calls as many as there are delays, one a second. */
function scene(delays: readonly number[]) {
  const common = createCommonDelays('test');
  for (const [peer, lateMs] of delays.entries()) common.learn(shop, peer, (peer + 1) * 1000, lateMs);
  return { common, now: delays.length * 1000 };
}

test('the delay that all have in common is the median of theirs, of two the smaller', () => {
  for (const [delays, of] of [
    [[90, 80], 80],
    [[90, 0, 80], 80],
    [[90, 0, 80, 85], 80],
  ] as const) {
    const { common, now } = scene(delays);
    expect(common.of(shop, now)).toBe(of);
  }
});

test('one that is late has nothing in common with others, and neither has who calls nobody else', () => {
  const one = scene([500, 0, 0]);
  expect(one.common.of(shop, one.now)).toBe(0);
  const alone = scene([500]);
  expect(alone.common.of(shop, alone.now)).toBe(0);
  expect(alone.common.beside(shop, 0, alone.now)).toBe(0);
});

test('beside one peer are the others alone', () => {
  const { common, now } = scene([500, 10]);
  expect(common.beside(shop, 0, now)).toBe(10);
  expect(common.beside(shop, 1, now)).toBe(500);
});

test('only the newest answer of each counts, and only those of the last minute', () => {
  const { common, now } = scene([90, 80, 70]);
  common.learn(shop, 0, now, 0);
  expect(common.of(shop, now)).toBe(70);
  expect(common.of(shop, now + 61_000)).toBe(0);
});

test('whom it calls often does not push out whom it calls rarely, while they are no more than six', () => {
  const { common, now } = scene([60, 60, 60, 60, 60, 60]);
  for (let n = 0; n < 50; n += 1) common.learn(shop, 0, now + n, 0);
  expect(common.of(shop, now + 50)).toBe(60);
  for (const peer of [6, 7, 8, 9, 10]) common.learn(shop, peer, now + 100, 0);
  expect(common.of(shop, now + 100)).toBe(0);
});

test('goes on after a restart; whoever gets the slot of another starts anew', () => {
  const { common, now } = scene([90, 80]);
  const restored = createCommonDelays('test');
  restored.restore(decodeState(encodeState(common.save)));
  expect(restored.of(shop, now)).toBe(80);
  restored.forget(shop);
  expect(restored.of(shop, now)).toBe(0);
});

test('a caller that shares the place of another starts anew, and takes nothing for its own', () => {
  const { common, now } = scene([90, 80]);
  const other = shop + 2048;
  expect(common.of(other, now)).toBe(0);
  common.forget(other);
  expect(common.of(shop, now)).toBe(80);
  common.learn(other, 0, now, 70);
  common.learn(other, 1, now, 70);
  expect(common.of(other, now)).toBe(70);
  expect(common.of(shop, now)).toBe(0);
});
