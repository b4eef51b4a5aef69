import { expect, test } from 'vitest';
import { createPairs } from '../../../../../../services/scorer/baseline/tables/pairs.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';

function walk(pairs: ReturnType<typeof createPairs>, owner: number): number[] {
  const found: number[] = [];
  for (let pair = pairs.first(owner); pair >= 0; pair = pairs.next(pair)) found.push(pairs.item(pair));
  return found;
}

test('each pair has one slot, and the pairs of an owner can be walked', () => {
  const pairs = createPairs('test');
  const slot = pairs.intern(9000, 4);
  pairs.intern(1, 4);
  pairs.intern(9000, 5);
  expect(pairs.intern(9000, 4)).toBe(slot);
  expect(pairs.find(9000, 6)).toBe(-1);
  expect(walk(pairs, 9000)).toEqual([5, 4]);
  expect(walk(pairs, 77)).toEqual([]);
});

test('thousands of pairs keep apart, and come back as they were saved', () => {
  const pairs = createPairs('test');
  for (let i = 0; i < 20_000; i += 1) pairs.intern(i % 300, i);
  const restored = createPairs('test');
  restored.restore(decodeState(encodeState(pairs.save)));
  expect(restored.count).toBe(20_000);
  expect(restored.find(7, 307)).toBe(pairs.find(7, 307));
  expect(walk(restored, 299)).toEqual(walk(pairs, 299));
});
