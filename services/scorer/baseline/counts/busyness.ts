import type { StateReader, StateWriter } from '../../state.ts';
import { createRecords } from '../tables/records.ts';

/**
 * How busy a day was for each peer group, as a multiple of its members' usual days: what most of them do is no one
 * member's doing. Each member has one vote, of at most three times what such a day of the week is like, and is
 * compared with the others, not with itself. The middle third of the votes decides: a few whose days grow at the same
 * time do not excuse each other.
 *
 * @source trimmed mean: Tukey & McLaughlin 1963, Sankhyā A 25
 */
interface Busyness {
  /** Forgets the votes of the day before. */
  begin(): void;
  /** A member's day, as a multiple of what is usual for it. */
  vote(group: number, multiple: number, time: number): void;
  /** All have voted. */
  count(): void;
  /** The day of a group without the vote of one member; what such days of the week were like where it has few. */
  without(group: number, multiple: number, time: number): number;
  /** Does the group rest on a day that is this busy, compared with its busiest day of the week? */
  isRest(group: number, busyness: number): boolean;
  /** The day is over: the day of the week learns. */
  learn(time: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** The votes of a group, the smallest first, and for each place the sum of those before it. */
interface Poll {
  readonly votes: Float64Array;
  readonly sums: Float64Array;
}

const voteMax = 3;
// What days of the week were like counts as much as two members' votes.
const priorVotes = 2;
const trimmed = 1 / 3; // of the votes, at either end
// A Sunday has a fifth of a working day's traffic in an office, and four fifths where customers come.
const restShare = 0.6;
const dayMs = 86_400_000;
const daysPerWeek = 7;
const fading = 0.75; // a day of the week remembers its last four

/** @param key under which it is saved */
export function createBusyness(key: string): Busyness {
  const votes = new Map<number, number[]>(); // by group, of the day that is closed
  const polls = new Map<number, Poll>();
  const season = createRecords(`${key}-season`, daysPerWeek * 2); // by day of the week: sum and number, decayed
  const usualOn = (group: number, weekday: number) => {
    const at = season.at(group) + weekday * 2;
    return ((season.data[at] ?? 0) + 1) / ((season.data[at + 1] ?? 0) + 1);
  };
  const usual = (group: number, time: number) => usualOn(group, dayOfWeek(time));
  const capped = (group: number, multiple: number, time: number) =>
    Math.min(voteMax * usual(group, time), multiple);
  return {
    begin: () => {
      votes.clear();
      polls.clear();
    },
    vote: (group, multiple, time) => {
      const own = votes.get(group) ?? [];
      own.push(capped(group, multiple, time));
      votes.set(group, own);
    },
    count: () => {
      for (const [group, own] of votes) polls.set(group, pollOf(own));
    },
    without: (group, multiple, time) => {
      const poll = polls.get(group);
      const others = (poll?.votes.length ?? 0) - 1;
      const prior = usual(group, time);
      if (poll === undefined || others < 1) return prior;
      return (
        (others * middleWithout(poll, capped(group, multiple, time)) + priorVotes * prior) /
        (others + priorVotes)
      );
    },
    isRest: (group, busyness) => {
      let most = 0;
      for (let weekday = 0; weekday < daysPerWeek; weekday += 1)
        most = Math.max(most, usualOn(group, weekday));
      return busyness < restShare * most;
    },
    learn: (time) => {
      for (const [group, poll] of polls) {
        const day = season.at(group) + dayOfWeek(time) * 2;
        season.data[day] = (season.data[day] ?? 0) * fading + middleOf(poll);
        season.data[day + 1] = (season.data[day + 1] ?? 0) * fading + 1;
      }
    },
    save: season.save,
    restore: season.restore,
  };
}

function pollOf(own: readonly number[]): Poll {
  const votes = Float64Array.from(own).sort();
  const sums = new Float64Array(votes.length + 1);
  for (const [i, vote] of votes.entries()) sums[i + 1] = (sums[i] ?? 0) + vote;
  return { votes, sums };
}

/** Mean of the middle third. */
function middleOf({ votes, sums }: Poll): number {
  const from = Math.floor(votes.length * trimmed);
  const to = votes.length - from;
  return ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
}

/** The same of all votes but one; `own` is that vote. */
function middleWithout({ votes, sums }: Poll, own: number): number {
  const others = votes.length - 1;
  const from = Math.floor(others * trimmed);
  const to = others - from;
  const place = placeOf(votes, own);
  const [start, end] = [place < from ? from + 1 : from, place < to ? to + 1 : to];
  const sum = (sums[end] ?? 0) - (sums[start] ?? 0);
  return (place >= from && place < to ? sum - own : sum) / (to - from);
}

/** Where a value is among sorted ones: how many are smaller. */
function placeOf(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const dayOfWeek = (time: number) => Math.floor(time / dayMs) % daysPerWeek;
