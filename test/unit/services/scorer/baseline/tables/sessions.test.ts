import { expect, test } from 'vitest';
import { createSessions } from '../../../../../../services/scorer/baseline/tables/sessions.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';

const create = () => createSessions('test', { fields: 2, restMsMax: 1000 });

test('a session goes on until it has rested too long', () => {
  const sessions = create();
  sessions.open('a', 0)[0] = 7;
  expect(sessions.find('a', 1000)?.[0]).toBe(7);
  expect(sessions.find('a', 1001)).toBeUndefined();
  expect(sessions.open('a', 1001)[0]).toBe(0);
});

test('use keeps a session alive, looking does not', () => {
  const sessions = create();
  sessions.open('a', 0);
  sessions.open('a', 900);
  sessions.find('a', 1800);
  expect(sessions.find('a', 1900)).toBeDefined();
  expect(sessions.find('a', 1901)).toBeUndefined();
});

test('the longest unused gives way when there are too many', () => {
  const sessions = create();
  for (let i = 0; i <= 16_384; i += 1) sessions.open(`s${i}`, 0);
  expect(sessions.find('s0', 0)).toBeUndefined();
  expect(sessions.find('s1', 0)).toBeDefined();
});

test('memory comes back as it was saved', () => {
  const sessions = create();
  sessions.open('a', 5)[1] = 3;
  const restored = create();
  restored.restore(decodeState(encodeState(sessions.save)));
  expect(restored.find('a', 5)).toEqual(sessions.find('a', 5));
});
