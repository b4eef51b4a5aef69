import { expect, test } from 'vitest';
import { createEdges } from '../../../../../../services/scorer/baseline/tables/edges.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';

const pairs = Array.from({ length: 30_000 }, (_, i) => [i % 173, Math.floor(i / 173)] as const);

test('gives each pair one slot, its direction told apart, through growth and a restart', () => {
  const edges = createEdges();
  const slots = pairs.map(([source, destination]) => edges.intern(source, destination));
  expect(new Set(slots).size).toBe(pairs.length);
  expect(edges.find(9000, 1)).toBe(-1);
  const restored = createEdges();
  restored.restore(decodeState(encodeState(edges.save)));
  expect(pairs.map(([source, destination]) => restored.find(source, destination))).toEqual(slots);
  expect([restored.source(4711), restored.destination(4711)]).toEqual(pairs[4711]);
  expect(restored.intern(9000, 1)).toBe(pairs.length);
});
