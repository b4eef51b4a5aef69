import { describe, expect, test } from 'vitest';
import { createReadWallTime } from '../../../../services/collector/wall-time.ts';

const at = (text: string) => Date.parse(text);

describe('a time without year and zone', () => {
  test.each([
    ['Nov 23 04:40:00', '2026-11-23T04:40:05Z', '2026-11-23T04:40:00Z'],
    ['Nov  3 04:40:00', '2026-11-23T04:40:05Z', '2026-11-03T04:40:00Z'],
    ['Dec 31 23:59:59', '2027-01-01T00:00:01Z', '2026-12-31T23:59:59Z'],
    ['Jan  1 00:00:01', '2026-12-31T23:59:59Z', '2027-01-01T00:00:01Z'],
    ['Nov 23 2025 04:40:00', '2026-11-23T04:40:05Z', '2025-11-23T04:40:00Z'],
    ['Nov 23 04:40:00.123456', '2026-11-23T04:40:05Z', '2026-11-23T04:40:00.123Z'],
    ['Feb 29 12:00:00', '2028-03-01T00:00:00Z', '2028-02-29T12:00:00Z'],
  ])('%s, received at %s, is %s', (text, receivedAt, time) => {
    expect(createReadWallTime('UTC')(text, at(receivedAt))).toBe(at(time));
  });

  test.each([
    ['Nov 23 05:40:00', '2026-11-23T04:40:05Z', '2026-11-23T04:40:00Z'],
    ['Jul  1 12:00:00', '2026-07-01T10:00:05Z', '2026-07-01T10:00:00Z'],
    // An hour after the clocks went forward, 2026-03-29 at 01:00 UTC.
    ['Mar 29 03:30:00', '2026-03-29T01:30:05Z', '2026-03-29T01:30:00Z'],
    ['Jan  1 00:30:00', '2026-12-31T23:30:05Z', '2026-12-31T23:30:00Z'],
  ])('%s in Berlin, received at %s, is %s', (text, receivedAt, time) => {
    expect(createReadWallTime('Europe/Berlin')(text, at(receivedAt))).toBe(at(time));
  });

  test.each([
    'Nov 31 04:40:00',
    'Feb 30 04:40:00',
    'Abc 23 04:40:00',
    'Nov 23 25:40:00',
    'Nov 00 04:40:00',
    '',
  ])('that is none is told so: %s', (text) => {
    expect(createReadWallTime('UTC')(text, at('2026-11-23T04:40:05Z'))).toBeUndefined();
  });

  test('names a zone that there is', () => {
    expect(() => createReadWallTime('Europe/Nowhere')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('Europe/Nowhere') }),
    );
  });
});
