import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stickyAssignment } from '../../../../shared/log/sticky-assignment.ts';

const members = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 });
const scene = fc.record({
  units: fc.integer({ min: 0, max: 40 }).map((count) => Array.from({ length: count }, (_, unit) => unit)),
  members,
  before: members,
});

test('of three partitions of one member, a second one is given one', () => {
  const owners = new Map([0, 1, 2].map((unit) => [unit, 'a'] as const));
  expect([...stickyAssignment([0, 1, 2], ['a', 'b'], owners)]).toEqual([
    [0, 'a'],
    [1, 'a'],
    [2, 'b'],
  ]);
});

test('without members nothing is assigned', () => {
  expect(stickyAssignment([0, 1], [], new Map())).toEqual(new Map());
});

test('every partition has one member, and loads differ by at most one', () => {
  fc.assert(
    fc.property(scene, ({ units, members: now, before }) => {
      const assigned = stickyAssignment(units, now, stickyAssignment(units, before, new Map()));
      const loads = now.map((member) => [...assigned.values()].filter((owner) => owner === member).length);
      expect([...assigned.keys()].sort((a, b) => a - b)).toEqual(units);
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
    }),
  );
});

test('the order of members does not matter', () => {
  fc.assert(
    fc.property(scene, ({ units, members: now, before }) => {
      const owners = stickyAssignment(units, before, new Map());
      expect(stickyAssignment(units, now.toReversed(), owners)).toEqual(stickyAssignment(units, now, owners));
    }),
  );
});

test('a fair assignment is left as it is, and a member that leaves moves only its own partitions', () => {
  fc.assert(
    fc.property(scene, ({ units, members: now }) => {
      const first = stickyAssignment(units, now, new Map());
      expect(stickyAssignment(units, now, first)).toEqual(first);
      const [gone, ...rest] = now;
      const after = stickyAssignment(units, rest, first);
      const moved = units.filter((unit) => rest.length > 0 && first.get(unit) !== after.get(unit));
      expect(moved.every((unit) => first.get(unit) === gone)).toBe(true);
    }),
  );
});
