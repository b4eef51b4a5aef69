import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTime } from '../../../../services/collector/event-time.ts';

describe('parseTime', () => {
  test.each([
    [1795405200, 1795405200000],
    [1795405200.5, 1795405200500],
    [1795405200123, 1795405200123],
    [1795405200123456, 1795405200123],
    [1795405200123000000, 1795405200123],
    ['1795405200.25', 1795405200250],
    ['1795405200123', 1795405200123],
    ['2026-11-23T03:40:00Z', 1795405200000],
    ['2026-11-23 03:40:00,250', 1795405200250],
    ['2026-11-23T04:40:00.123456789+01:00', 1795405200123],
    ['2026-11-22T22:40:00-0500', 1795405200000],
    ['2026-11-23', 1795392000000],
    ['2016-12-31T23:59:60Z', 1483228799999], // a leap second
    [0, 0],
  ])('reads %s as %d', (value, expected) => {
    expect(parseTime(value)).toBe(expected);
  });

  test.each([
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e40,
    '2026',
    '2026-13-01T00:00:00Z',
    '2026-02-30',
    '2026-01-01T24:00:00Z',
    '1969-12-31T23:59:59Z',
    'yesterday',
    'Mon 1',
    '',
    {},
    [1795405200],
    true,
    null,
  ])('refuses %s', (value) => {
    expect(parseTime(value)).toBeUndefined();
  });

  test('agrees with Date over every moment that it prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253402300799999 }), (ms) => {
        expect(parseTime(new Date(ms).toISOString())).toBe(ms);
      }),
    );
  });
});
