import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import type { Visit } from '../tables/belongings.ts';
import { createPairs } from '../tables/pairs.ts';
import { createRecords } from '../tables/records.ts';

/** What followed contexts, and how often: the counts of one order of a model of sequences. */
export interface Followers {
  /** How often the step followed. */
  count(context: number, step: number): number;
  /** How often anything followed; 0 for a context below 0. */
  total(context: number): number;
  /** How many different steps followed. */
  distinct(context: number): number;
  /** @returns whether the step is new there and was taken in: one more to be held */
  learn(context: number, taught: Taught): boolean;
  /** Everything that belongs to a context. */
  belongings(context: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

interface Taught {
  readonly step: number;
  readonly weight: number;
  /** A step that never followed is counted, too. */
  readonly hasRoom: boolean;
}

// Fields of a context.
const total = 0;
const kinds = 1;

/** @param key under which the counts are saved */
export function createFollowers(key: string): Followers {
  const steps = createPairs(`${key}_steps`);
  const counts = createRecords(`${key}_counts`, 1);
  const sums = createRecords(`${key}_sums`, 2);
  const parts = [steps, counts, sums];
  const sum = (context: number, field: number) => (context < 0 ? 0 : (sums.data[context * 2 + field] ?? 0));
  const count = (context: number, step: number) => {
    const pair = context < 0 ? -1 : steps.find(context, step);
    return pair < 0 ? 0 : (counts.data[pair] ?? 0);
  };
  return {
    count,
    total: (context) => sum(context, total),
    distinct: (context) => sum(context, kinds),
    learn: (context, { step, weight, hasRoom }) => {
      if (context < 0) return false;
      const isNew = count(context, step) === 0;
      // What never followed counts once, however suspicious: it did happen, and what happened once may happen again.
      const amount = isNew ? 1 : weight;
      const at = sums.at(context);
      sums.data[at + total] = (sums.data[at + total] ?? 0) + amount;
      if (isNew && !hasRoom) return false;
      const pair = counts.at(steps.intern(context, step));
      counts.data[pair] = (counts.data[pair] ?? 0) + amount;
      if (isNew) sums.data[at + kinds] = (sums.data[at + kinds] ?? 0) + 1;
      return isNew;
    },
    belongings: (context, visit) => {
      visit.pairs(steps, context, (pair) => visit.row(counts, pair));
      visit.row(sums, context);
    },
    ...allOf(parts),
  };
}
