import type { StateReader, StateWriter } from '../state.ts';
import { createCategoryCounts, sums } from './category-counts.ts';

/** Where a thing is looked for: an agent's own context (an action, say), and the same context of its peer group. */
export interface Place {
  own: number;
  group: number;
  /** The peer group itself, over all contexts. */
  peers: number;
}

/** How a thing stood before it was seen: for evidence. */
export interface Standing {
  /** How often the agent itself had it in this context. */
  readonly own: number;
  /** How many members of its group had. */
  readonly members: number;
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
  standing(place: Place, item: number): Standing;
  learn(place: Place, item: number, weight: number): void;
  forget(context: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// Above this nothing is rare, and what is common need not be ranked.
const commonFrom = 0.1;
// The group's rate of new things counts as much as four of one's own.
const groupWeight = 4;
const almostNothing = 1e-3;
const tieTolerance = 1e-9;

/** @param key under which the baselines are saved */
export function createCategories(key: string): Categories {
  const counts = createCategoryCounts(key);
  const { sum, groupItems } = counts;

  /** How likely the agent's next thing is new to it. */
  const newness = ({ own, group, peers }: Place) => {
    const anywhere = (sum('peers', peers, sums.singles) + 0.5) / (sum('peers', peers, sums.total) + 1);
    const pooled =
      (sum('group', group, sums.singles) + groupWeight * anywhere) /
      (sum('group', group, sums.total) + groupWeight);
    // What taught little counts as one thing, but not as one draw: there may be more things than draws.
    return Math.min(
      1,
      (sum('own', own, sums.singles) + groupWeight * pooled) / (sum('own', own, sums.total) + groupWeight),
    );
  };
  /** How likely what is new to a member is new to all. */
  const strangeness = ({ peers }: Place) =>
    (sum('peers', peers, sums.lonely) + 0.5) / (sum('peers', peers, sums.firsts) + 1);

  /** How often the members had things that this agent never had. */
  const foreign = (place: Place) => {
    let total = almostNothing;
    for (let pair = groupItems.first(place.group); pair >= 0; pair = groupItems.next(pair)) {
      if (counts.own(place.own, groupItems.item(pair)) === 0) total += counts.shared(pair);
    }
    return total;
  };
  /** ln p of a thing that the group knows: all that is as unlikely, ties counting half. */
  const rank = (place: Place, item: number, isNew: number, strange: number) => {
    const ownTotal = Math.max(sum('own', place.own, sums.total), almostNothing);
    const ownCount = counts.own(place.own, item);
    if (((1 - isNew) * ownCount) / ownTotal >= commonFrom) return 0;
    const foreignTotal = foreign(place);
    const probabilityOf = (pair: number) => {
      const own = counts.own(place.own, groupItems.item(pair));
      if (own > 0) return ((1 - isNew) * own) / ownTotal;
      return (isNew * (1 - strange) * counts.shared(pair)) / foreignTotal;
    };
    const probability = probabilityOf(groupItems.find(place.group, item));
    let rarer = isNew * strange;
    for (let pair = groupItems.first(place.group); pair >= 0 && rarer < 1; pair = groupItems.next(pair)) {
      const other = probabilityOf(pair);
      if (other < probability * (1 - tieTolerance)) rarer += other;
      else if (other <= probability * (1 + tieTolerance)) rarer += other / 2;
    }
    return Math.min(0, Math.log(rarer));
  };

  return {
    score: (place, item) => {
      const isNew = newness(place);
      const isKnown = item >= 0 && place.group >= 0 && groupItems.find(place.group, item) >= 0;
      if (isKnown) return rank(place, item, isNew, strangeness(place));
      const isContextKnown = sum('group', place.group, sums.total) > 0;
      // Half of it, as ties do: everything that is new to all is equally unlikely.
      return Math.min(0, Math.log(isNew * (isContextKnown ? strangeness(place) : 1) * 0.5));
    },
    standing: (place, item) => ({
      own: counts.own(place.own, item),
      members: item < 0 || place.group < 0 ? 0 : counts.members(groupItems.find(place.group, item)),
      total: sum('own', place.own, sums.total),
    }),
    learn: counts.learn,
    forget: counts.forget,
    save: counts.save,
    restore: counts.restore,
  };
}
