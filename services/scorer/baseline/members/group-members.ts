import type { StateReader, StateWriter } from '../../state.ts';
import { createRecords } from '../tables/records.ts';

/** How many members of each peer group are active: those heard on this calendar day (UTC) or on the day before. */
export interface GroupMembers {
  /** A member was heard, and before that at `before` (UTC ms; 0 = never). Allocates nothing. */
  note(group: number, before: number, time: number): void;
  count(group: number): number;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const dayMs = 86_400_000;

// Fields of a group's record.
const day = 0; // number of its newest day + 1
const today = 1; // members heard on it
const yesterday = 2;
const width = 3;

export function createGroupMembers(): GroupMembers {
  const records = createRecords('group-members', width);
  return {
    note: (group, before, time) => {
      const number = Math.floor(time / dayMs) + 1;
      if (before > 0 && Math.floor(before / dayMs) + 1 >= number) return;
      const at = records.at(group);
      const { data } = records;
      const newest = data[at + day] ?? 0;
      if (number > newest) {
        data[at + yesterday] = number === newest + 1 ? (data[at + today] ?? 0) : 0;
        data[at + today] = 0;
        data[at + day] = number;
      }
      data[at + today] = (data[at + today] ?? 0) + 1;
    },
    count: (group) =>
      Math.max(records.data[group * width + today] ?? 0, records.data[group * width + yesterday] ?? 0),
    save: records.save,
    restore: records.restore,
  };
}
