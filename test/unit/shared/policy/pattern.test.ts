import { expect, test } from 'vitest';
import { compilePattern, compilePatterns } from '#shared/policy/pattern.ts';

test.each([
  ['web', 'web', true],
  ['web', 'web-1', false],
  ['*', '', true],
  ['web-*', 'web-1', true],
  ['web-*', 'web', false],
  ['*-db', 'orders-db', true],
  ['a*b*c', 'a-b-c', true],
  ['a*b*c', 'ac', false],
  ['ab*ba', 'aba', false],
  ['GET /orders/*', 'GET /orders/{id}', true],
  ['a.c', 'abc', false],
])('%s against %s is %s', (pattern, text, expected) => {
  expect(compilePattern(pattern)(text)).toBe(expected);
});

test('a pattern of many stars stays fast on a long text that it does not match', () => {
  const matches = compilePattern(`${'*a'.repeat(200)}b`);
  const started = performance.now();
  expect(matches('a'.repeat(512))).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});

test('an empty list of patterns matches nothing', () => {
  expect(compilePatterns([])('anything')).toBe(false);
});
