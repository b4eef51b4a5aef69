import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions } from '#shared/registry/version.ts';

// The chain of precedence in section 11 of Semantic Versioning 2.0.0, with the forms that others write.
const rising = [
  '0.9',
  'v1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.1',
  '1.9',
  '1.10',
  '2',
  '20261101',
  '20261101123456789012345',
];

test('each version of the chain is newer than the one before it', () => {
  for (const [i, version] of rising.entries())
    for (const older of rising.slice(0, i))
      expect([older, version, compareVersions(older, version)]).toEqual([older, version, -1]);
});

test.each([
  ['1.0', '1.0.0'],
  ['v2.1', '2.1.0+build.5'],
  ['01.2', '1.2'],
])('%s and %s are the same', (left, right) => {
  expect(compareVersions(left, right)).toBe(0);
});

test('the order has no contradictions', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
      expect(compareVersions(left, right)).toBe(0 - compareVersions(right, left));
    }),
  );
});
