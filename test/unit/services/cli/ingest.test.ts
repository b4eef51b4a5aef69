import { expect, test } from 'vitest';
import { tableOf } from '../../../../services/cli/ingest.ts';

test('sources stand in columns, with spans that a person reads at once', () => {
  const now = 1_795_405_200_000;
  const line = {
    source: 'edge-1',
    format: 'native',
    last_seen: now - 2_500,
    rate: 12.34,
    accepted: 1000,
    rejected: 3,
    busy: 0,
    refused: 0,
    skew_ms: -5_200,
    lag_ms: 340,
  };
  const silent = {
    ...line,
    source: '10.0.0.9',
    format: 'syslog',
    last_seen: now - 7_200_000,
    rate: 0,
    skew_ms: null,
    lag_ms: null,
  };
  expect(tableOf([line, silent], now)).toEqual([
    'source    format       seen  rate/s  accepted  rejected  busy  refused    skew     lag',
    'edge-1    native  2.5 s ago      12      1000         3     0        0  -5.2 s  340 ms',
    '10.0.0.9  syslog  2.0 h ago     0.0      1000         3     0        0       -       -',
  ]);
});

test('without sources there is no heading', () => {
  expect(tableOf([], 0)).toEqual([]);
});
