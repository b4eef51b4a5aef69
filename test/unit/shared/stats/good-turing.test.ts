import { expect, test } from 'vitest';
import { goodTuring } from '../../../../shared/stats/good-turing.ts';

test('an agent that repeats itself hardly ever does something new, a crawler often', () => {
  expect(goodTuring({ singletons: 0, total: 99_999 })).toBe(5e-6);
  expect(goodTuring({ singletons: 60, total: 120 })).toBeCloseTo(0.5, 14);
});

test('before anything was seen the next thing is as likely new as not', () => {
  expect(goodTuring({ singletons: 0, total: 0 })).toBe(0.5);
});

test('refuses more singletons than draws', () => {
  expect(() => goodTuring({ singletons: 2, total: 1 })).toThrow(RangeError);
});
