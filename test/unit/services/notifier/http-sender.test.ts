import { expect, test } from 'vitest';
import { isLoopbackHost, retryAfterMs } from '../../../../services/notifier/http-sender.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

test.each([
  ['120', 120_000],
  [' 5 ', 5_000],
  ['0', 0],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
  ['999999999', 86_400_000],
  ['soon', undefined],
  ['-5', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After %j means %j ms', (header, expected) => {
  expect(retryAfterMs(header, now)).toBe(expected);
});

test.each([
  ['127.0.0.1', true],
  ['[::1]', true],
  ['localhost', true],
  ['10.0.0.1', false],
  ['localhost.example.org', false],
])('%s is this machine: %s', (host, isIt) => {
  expect(isLoopbackHost(host)).toBe(isIt);
});
