import {
  almostNothing,
  type CategoryNumbers,
  chanceOfForeign,
  chanceOfOwn,
  emptyCategory,
  isCommon,
  logCategory,
} from '#shared/explain/category.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import type { Visit } from '../tables/belongings.ts';
import { createCategoryCounts, type Place, sums } from './category-counts.ts';

/** How a thing stood before it was seen: for evidence. */
export interface Standing {
  /** How often the agent itself had it in this context. */
  readonly own: number;
  /** How many members of its group had. */
  readonly members: number;
  /** How often they had it; what was unusual counts for little. */
  readonly shared: number;
  /** All that the agent had in this context, with repeats. */
  readonly total: number;
}

/**
 * Baselines of categories (targets, sizes, whatever has no order): how likely is a thing as rare as this one? What an
 * agent has never had is as likely as Good and Turing say of agents of its group in that context; which new thing it
 * then is, the group says; what nobody ever had is as likely as members have things of their own.
 *
 * @source Good 1953, Biometrika 40; hierarchical base measure as in Teh 2006, ACL; detection reference 2.3
 */
export interface Categories {
  /** ln of the mid-p of things as unlikely as this one; 0 for whatever is common. `item` < 0: never seen at all. */
  score(place: Place, item: number): number;
  /** What `score` is computed from: a copy. */
  numbers(place: Place, item: number): CategoryNumbers;
  standing(place: Place, item: number): Standing;
  learn(place: Place, item: number, weight: number): void;
  /** Everything that belongs to an agent's context. */
  belongings(context: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const tieTolerance = 1e-9;

/** @param key under which the baselines are saved */
export function createCategories(key: string): Categories {
  const counts = createCategoryCounts(key);
  const { sum, groupItems, ownItems } = counts;
  const found = emptyCategory(); // scratch: the hot path allocates nothing

  /** How often the members had things that this agent never had. */
  const foreign = (place: Place) => {
    let total = almostNothing;
    for (let pair = groupItems.first(place.group); pair >= 0; pair = groupItems.next(pair))
      if (counts.own(place.own, groupItems.item(pair)) === 0) total += counts.shared(pair);
    return total;
  };
  /** Adds up what is rarer than a thing that the group knows, and what is as rare. */
  const addRarer = (place: Place) => {
    found.foreign = foreign(place);
    const ofOwn = chanceOfOwn(found);
    const ofForeign = chanceOfForeign(found);
    const chance = found.own > 0 ? ofOwn * found.own : ofForeign * found.shared;
    const below = chance * (1 - tieTolerance);
    const above = chance * (1 + tieTolerance);
    for (let pair = ownItems.first(place.own); pair >= 0; pair = ownItems.next(pair)) {
      const own = counts.ownOf(pair);
      if (ofOwn * own < below) found.ownRarer += own;
      else if (ofOwn * own <= above) found.ownTies += own;
    }
    for (let pair = groupItems.first(place.group); pair >= 0; pair = groupItems.next(pair)) {
      if (counts.own(place.own, groupItems.item(pair)) > 0) continue;
      const shared = counts.shared(pair);
      if (ofForeign * shared < below) found.foreignRarer += shared;
      else if (ofForeign * shared <= above) found.foreignTies += shared;
    }
  };
  const read = (place: Place, item: number) => {
    const { own, group, peers } = place;
    found.ownSingles = sum('own', own, sums.singles);
    found.ownTotal = sum('own', own, sums.total);
    found.groupSingles = sum('group', group, sums.singles);
    found.groupTotal = sum('group', group, sums.total);
    found.peersSingles = sum('peers', peers, sums.singles);
    found.peersTotal = sum('peers', peers, sums.total);
    found.lonely = sum('peers', peers, sums.lonely);
    found.firsts = sum('peers', peers, sums.firsts);
    const pair = item >= 0 && group >= 0 ? groupItems.find(group, item) : -1;
    found.own = counts.own(own, item);
    // What the agent has had it knows, though the table of its group may have been full by then.
    found.isKnown = pair >= 0 || found.own > 0 ? 1 : 0;
    found.shared = pair < 0 ? 0 : counts.shared(pair);
    clearRarer(found);
    if (found.isKnown > 0 && !isCommon(found)) addRarer(place);
  };

  return {
    score: (place, item) => {
      read(place, item);
      return logCategory(found);
    },
    numbers: (place, item) => {
      read(place, item);
      return { ...found };
    },
    standing: (place, item) => {
      const pair = item < 0 || place.group < 0 ? -1 : groupItems.find(place.group, item);
      return {
        own: counts.own(place.own, item),
        members: counts.members(pair),
        shared: pair < 0 ? 0 : counts.shared(pair),
        total: sum('own', place.own, sums.total),
      };
    },
    learn: counts.learn,
    belongings: counts.belongings,
    save: counts.save,
    restore: counts.restore,
  };
}

function clearRarer(found: CategoryNumbers): void {
  found.foreign = almostNothing;
  found.ownRarer = 0;
  found.ownTies = 0;
  found.foreignRarer = 0;
  found.foreignTies = 0;
}
