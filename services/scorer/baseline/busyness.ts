import type { StateReader, StateWriter } from '../state.ts';
import { createRecords } from './records.ts';

/**
 * How busy a day was for each peer group, as a multiple of its members' usual days: what all do together is no one
 * member's doing. Each member has one vote, of at most three times what such a day of the week is like, and is
 * compared with the others, not with itself.
 */
interface Busyness {
  /** Forgets the votes of the day before. */
  begin(): void;
  /** A member's day, as a multiple of what is usual for it. */
  vote(group: number, multiple: number, time: number): void;
  /** The day of a group without the vote of one member; what such days of the week were like where it has few. */
  without(group: number, multiple: number, time: number): number;
  /** The day is over: the day of the week learns. */
  learn(time: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const voteMax = 3;
// What days of the week were like counts as much as two members' votes.
const priorVotes = 2;
const dayMs = 86_400_000;
const daysPerWeek = 7;
const fading = 0.75; // a day of the week remembers its last four

/** @param key under which it is saved */
export function createBusyness(key: string): Busyness {
  const votes = createRecords(`${key}-votes`, 2); // sum and number, of the day that is closed
  const season = createRecords(`${key}-season`, daysPerWeek * 2); // by day of the week: sum and number, decayed
  let groups = 0; // that voted, or more
  const usual = (group: number, time: number) => {
    const at = season.at(group) + dayOfWeek(time) * 2;
    return ((season.data[at] ?? 0) + 1) / ((season.data[at + 1] ?? 0) + 1);
  };
  const capped = (group: number, multiple: number, time: number) =>
    Math.min(voteMax * usual(group, time), multiple);
  return {
    begin: () => {
      for (let group = 0; group < groups; group += 1) votes.clear(group);
    },
    vote: (group, multiple, time) => {
      const at = votes.at(group);
      groups = Math.max(groups, group + 1);
      votes.data[at] = (votes.data[at] ?? 0) + capped(group, multiple, time);
      votes.data[at + 1] = (votes.data[at + 1] ?? 0) + 1;
    },
    without: (group, multiple, time) => {
      const at = votes.at(group);
      const others = Math.max(0, (votes.data[at + 1] ?? 0) - 1);
      const sum = Math.max(0, (votes.data[at] ?? 0) - capped(group, multiple, time));
      return (sum + priorVotes * usual(group, time)) / (others + priorVotes);
    },
    learn: (time) => {
      for (let group = 0; group < groups; group += 1) {
        const at = votes.at(group);
        const number = votes.data[at + 1] ?? 0;
        if (number === 0) continue;
        const day = season.at(group) + dayOfWeek(time) * 2;
        season.data[day] = (season.data[day] ?? 0) * fading + (votes.data[at] ?? 0) / number;
        season.data[day + 1] = (season.data[day + 1] ?? 0) * fading + 1;
      }
    },
    save: (state) => {
      season.save(state);
    },
    restore: (state) => {
      season.restore(state);
    },
  };
}

const dayOfWeek = (time: number) => Math.floor(time / dayMs) % daysPerWeek;
