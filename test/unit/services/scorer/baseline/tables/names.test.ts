import { expect, test } from 'vitest';
import { createNames, otherName } from '../../../../../../services/scorer/baseline/tables/names.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';

test('a text keeps its number, and what is unknown has none', () => {
  const names = createNames('test', 10);
  const number = names.intern('GET /orders');
  expect(names.intern('GET /orders')).toBe(number);
  expect(names.text(number)).toBe('GET /orders');
  expect(names.find('PUT /orders')).toBe(-1);
});

test('a full table calls everything else by one name', () => {
  const names = createNames('test', 3);
  for (const text of ['a', 'b', 'c', 'd']) names.intern(text);
  expect(names.find('b')).toBe(2);
  expect(names.intern('e')).toBe(otherName);
  expect(names.find('e')).toBe(otherName);
});

test('memory comes back as it was saved', () => {
  const names = createNames('test', 10);
  names.intern('a');
  const restored = createNames('test', 10);
  restored.restore(decodeState(encodeState(names.save)));
  expect(restored.find('a')).toBe(names.find('a'));
  expect(restored.intern('b')).toBe(names.intern('b'));
});
