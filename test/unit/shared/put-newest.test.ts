import { expect, test } from 'vitest';
import { putNewest } from '../../../shared/put-newest.ts';

test('the one that was put in longest ago is dropped, and only beyond the limit', () => {
  const map = new Map([['a', 1]]);
  putNewest(map, 'b', 2, 2);
  expect([...map]).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  putNewest(map, 'c', 3, 2);
  expect([...map.keys()]).toEqual(['b', 'c']);
});

test('what is put in again is the newest, and drops nobody', () => {
  const map = new Map([
    ['a', 1],
    ['b', 2],
  ]);
  putNewest(map, 'a', 3, 2);
  expect([...map]).toEqual([
    ['b', 2],
    ['a', 3],
  ]);
});
