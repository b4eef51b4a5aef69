import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import type { Visit } from '../tables/belongings.ts';
import { createPairs, type Pairs } from '../tables/pairs.ts';
import { createRecords, type Records } from '../tables/records.ts';

/** Where a thing is looked for: an agent's own context (an action, say), and the same context of its peer group. */
export interface Place {
  own: number;
  group: number;
  /** The peer group itself, over all contexts. */
  peers: number;
}

/** Sums of a context of one agent, of the same context of its group, or of a group over all contexts. */
export const sums = {
  /** Everything that was had, with repeats. */
  total: 0,
  /** Things had once by whoever had them. */
  singles: 1,
  /** Pairs of a member and a thing. */
  firsts: 2,
  /** Things that one member alone has. */
  lonely: 3,
  /** Different things. */
  items: 4,
} as const;
const width = 5;

/** The counts behind `Categories`. */
export interface CategoryCounts {
  /** How often the agent had the thing in its context; 0 for slots below 0. */
  own(context: number, item: number): number;
  /** How often members had the thing in their context, by the pair of context and thing. */
  shared(pair: number): number;
  /** How many members had it. */
  members(pair: number): number;
  /** The things of an agent's context, and how often it had each: walk with `first` and `next`. */
  readonly ownItems: Pairs;
  ownOf(pair: number): number;
  /** The things of a group's context: walk with `first` and `next`. */
  readonly groupItems: Pairs;
  sum(of: 'own' | 'group' | 'peers', slot: number, field: number): number;
  learn(place: Place, item: number, weight: number): void;
  /** Everything that belongs to an agent's context; what its group learned from it stays. */
  belongings(context: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// Things of one context that are told apart; later ones count, but are new each time.
const itemsMax = 256;
// Beyond so many the old ones fade: all counts of the context are halved.
const memoryMax = 2000;
// What was had once, and faded twice since, is as good as never had.
const forgottenBelow = 0.25;
const levels = ['own', 'group', 'peers'] as const;

/** @param key under which the counts are saved */
export function createCategoryCounts(key: string): CategoryCounts {
  const tables = {
    own: createRecords(`${key}_own`, width),
    group: createRecords(`${key}_group`, width),
    peers: createRecords(`${key}_peers`, width),
  };
  const own = createOwnCounts(key, tables);
  const groupItems = createPairs(`${key}_group_items`);
  const groupCounts = createRecords(`${key}_group_counts`, 2); // count, members
  const parts = [own, groupItems, groupCounts, tables.own, tables.group, tables.peers];

  const learnGroup = (place: Place, item: number, weight: number, isFirst: boolean) => {
    const isNew = groupItems.find(place.group, item) < 0;
    if (isNew && sumOf(tables.group, place.group, sums.items) >= itemsMax) return;
    const at = groupCounts.at(groupItems.intern(place.group, item));
    if (isNew) add(tables.group, place.group, sums.items, 1);
    groupCounts.data[at] = (groupCounts.data[at] ?? 0) + weight;
    if (!isFirst) return;
    const members = (groupCounts.data[at + 1] ?? 0) + 1;
    groupCounts.data[at + 1] = members;
    add(tables.peers, place.peers, sums.firsts, 1);
    if (members === 1) add(tables.peers, place.peers, sums.lonely, 1);
    if (members === 2) add(tables.peers, place.peers, sums.lonely, -1);
  };

  return {
    own: own.count,
    shared: (pair) => groupCounts.data[pair * 2] ?? 0,
    members: (pair) => groupCounts.data[pair * 2 + 1] ?? 0,
    ownItems: own.pairs,
    ownOf: own.ofPair,
    groupItems,
    sum: (of, slot, field) => sumOf(tables[of], slot, field),
    learn: (place, item, weight) => {
      const before = own.count(place.own, item);
      const isFirst = own.learn(place.own, item, weight);
      const after = own.count(place.own, item);
      const single = Number(after > 0 && after <= 1) - Number(before > 0 && before <= 1);
      for (const level of levels) {
        add(tables[level], place[level], sums.total, weight);
        add(tables[level], place[level], sums.singles, single);
      }
      learnGroup(place, item, weight, isFirst);
      if (sumOf(tables.own, place.own, sums.total) > memoryMax) own.fade(place);
    },
    belongings: own.belongings,
    ...allOf(parts),
  };
}

type Tables = Readonly<Record<(typeof levels)[number], Records>>;

/** What each agent itself had, by its context. */
function createOwnCounts(key: string, tables: Tables) {
  const pairs = createPairs(`${key}_own_items`);
  const counts = createRecords(`${key}_own_counts`, 1);
  const count = (context: number, item: number) => {
    const pair = context < 0 || item < 0 ? -1 : pairs.find(context, item);
    return pair < 0 ? 0 : (counts.data[pair] ?? 0);
  };
  return {
    count,
    pairs,
    ofPair: (pair: number) => counts.data[pair] ?? 0,
    /** @returns whether the agent had it for the first time */
    learn: (context: number, item: number, weight: number): boolean => {
      const isFirst = count(context, item) === 0;
      if (isFirst && sumOf(tables.own, context, sums.items) >= itemsMax) return false;
      const at = counts.at(pairs.intern(context, item));
      counts.data[at] = (counts.data[at] ?? 0) + weight;
      if (isFirst) add(tables.own, context, sums.items, 1);
      return isFirst;
    },
    /** Halves what the agent had in this context, in every sum that it is part of. */
    fade: (place: Place) => {
      let singles = 0;
      let forgotten = 0;
      for (let pair = pairs.first(place.own); pair >= 0; pair = pairs.next(pair)) {
        const before = counts.data[pair] ?? 0;
        const after = before / 2 < forgottenBelow ? 0 : before / 2;
        counts.data[pair] = after;
        if (after > 0 && after <= 1) singles += 1;
        if (after === 0 && before > 0) forgotten += 1;
      }
      const half = sumOf(tables.own, place.own, sums.total) / 2;
      const change = singles - sumOf(tables.own, place.own, sums.singles);
      add(tables.own, place.own, sums.items, -forgotten);
      for (const level of levels) {
        add(tables[level], place[level], sums.total, -half);
        add(tables[level], place[level], sums.singles, change);
      }
    },
    belongings: (context: number, visit: Visit) => {
      visit.pairs(pairs, context, (pair) => visit.row(counts, pair));
      visit.row(tables.own, context);
    },
    save: (state: StateWriter) => {
      pairs.save(state);
      counts.save(state);
    },
    restore: (state: StateReader) => {
      pairs.restore(state);
      counts.restore(state);
    },
  };
}

function sumOf(table: Records, slot: number, field: number): number {
  return slot < 0 ? 0 : (table.data[slot * width + field] ?? 0);
}

function add(table: Records, slot: number, field: number, amount: number): void {
  const at = table.at(slot) + field;
  table.data[at] = Math.max(0, (table.data[at] ?? 0) + amount);
}
