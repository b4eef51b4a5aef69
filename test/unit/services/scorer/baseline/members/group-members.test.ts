import { expect, test } from 'vitest';
import { createGroupMembers } from '../../../../../../services/scorer/baseline/members/group-members.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const monday = Date.UTC(2026, 5, 8);

/** So many members of group 1, heard every hour of a day; when each was heard last. */
function day(members: ReturnType<typeof createGroupMembers>, from: number, lasts: readonly number[]) {
  let newest = [...lasts];
  for (let hour = 0; hour < 24; hour += 1) {
    for (const last of newest) members.note(1, last, from + hour * hourMs);
    newest = newest.map(() => from + hour * hourMs);
  }
  return newest;
}

test('counts each member once, of today or of yesterday', () => {
  const members = createGroupMembers();
  const lasts = day(members, monday, [0, 0, 0, 0, 0]);
  expect(members.count(1)).toBe(5);
  day(members, monday + dayMs, lasts.slice(0, 2));
  expect(members.count(1)).toBe(5); // the others may still come
  day(members, monday + 2 * dayMs, lasts.slice(0, 2));
  expect(members.count(1)).toBe(2);
  expect(members.count(0)).toBe(0);
});

test('a group that was away for days has those who came back', () => {
  const members = createGroupMembers();
  const lasts = day(members, monday, [0, 0, 0, 0]);
  day(members, monday + 5 * dayMs, lasts.slice(0, 1));
  expect(members.count(1)).toBe(1);
});

test('comes back as it was saved', () => {
  const members = createGroupMembers();
  day(members, monday, [0, 0, 0]);
  const after = createGroupMembers();
  after.restore(decodeState(encodeState(members.save)));
  expect(after.count(1)).toBe(3);
});
