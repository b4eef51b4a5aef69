import { expect, test } from 'vitest';
import { wittenBell } from '../../../../shared/stats/witten-bell.ts';

test('mixes what followed the context with what follows in general', () => {
  expect(wittenBell({ count: 3, total: 4, distinct: 2 }, 0.5)).toBeCloseTo(4 / 6, 14);
});

test('an unseen context knows no more than a shorter one', () => {
  expect(wittenBell({ count: 0, total: 0, distinct: 0 }, 0.2)).toBe(0.2);
});

test('the successors share all probability', () => {
  const sum =
    wittenBell({ count: 3, total: 4, distinct: 2 }, 0.5) +
    wittenBell({ count: 1, total: 4, distinct: 2 }, 0.3) +
    wittenBell({ count: 0, total: 4, distinct: 2 }, 0.2);
  expect(sum).toBeCloseTo(1, 14);
});
