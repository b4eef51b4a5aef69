import { expect, test } from 'vitest';
import { tlsRank } from '#shared/policy/tls-version.ts';

test.each(['TLSv1.2', 'TLSv12', 'tlsv1.2', 'TLS 1.2', 'tls1_2', '1.2', 'tls12'])('%s is TLS 1.2', (text) => {
  expect(tlsRank(text)).toBe(5);
});

test.each([
  ['none', 0],
  ['SSLv3', 2],
  ['TLSv10', 3],
  ['TLSv1', 3],
  ['TLSv1.1', 4],
  ['TLSv1.3', 6],
])('%s has rank %d', (text, rank) => {
  expect(tlsRank(text)).toBe(rank);
});

test('a version that nobody knows has no rank', () => {
  expect(tlsRank('quic-draft')).toBeUndefined();
});
