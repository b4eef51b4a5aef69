import { expect, test } from 'vitest';
import { pitmanYor, pitmanYorNew } from '../../../../shared/stats/pitman-yor.ts';

const state = { total: 10, distinct: 2, concentration: 1, discount: 0.5 };

test('probabilities of what was seen and of the rest sum to one', () => {
  const base = { a: 0.5, b: 0.2, rest: 0.3 };
  const sum =
    pitmanYor(state, { count: 7, base: base.a }) +
    pitmanYor(state, { count: 3, base: base.b }) +
    pitmanYor(state, { count: 0, base: base.rest });
  expect(sum).toBeCloseTo(1, 14);
});

test('what was never seen has the share of the base measure', () => {
  expect(pitmanYor(state, { count: 0, base: 0.3 })).toBeCloseTo((2 / 11) * 0.3, 14);
  expect(pitmanYorNew(state)).toBeCloseTo(2 / 11, 14);
});

test('before the first draw it is the base measure', () => {
  const empty = { total: 0, distinct: 0, concentration: 1, discount: 0.5 };
  expect(pitmanYor(empty, { count: 0, base: 0.3 })).toBeCloseTo(0.3, 14);
});
