import { expect, test } from 'vitest';
import { decodeState, encodeState } from '../../../../services/scorer/state.ts';

test('brings back numbers and values under the names they were given', () => {
  const bytes = encodeState((state) => {
    state.block('a', Float64Array.of(1.5, -2));
    state.block('single', Float32Array.of(0.5, 3, 4));
    state.within('part').block('a', Int32Array.of(7, 8, 9));
    state.within('part').value('name', { text: 'ü' });
  });
  const state = decodeState(bytes);
  expect([...(state.floats('a') ?? [])]).toEqual([1.5, -2]);
  expect([...(state.singles('single') ?? [])]).toEqual([0.5, 3, 4]);
  expect([...(state.within('part').ints('a') ?? [])]).toEqual([7, 8, 9]);
  expect(state.within('part').value('name')).toEqual({ text: 'ü' });
  expect(state.floats('never')).toBeUndefined();
});

test('refuses bytes that are cut short', () => {
  const bytes = encodeState((state) => state.block('a', new Float64Array(100)));
  expect(() => decodeState(bytes.subarray(0, bytes.length - 8))).toThrow(/cut short/);
  expect(() => decodeState(bytes.subarray(0, 3))).toThrow(/cut short/);
});
