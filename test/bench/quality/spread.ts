import type { Random } from '../../../shared/random.ts';

/** What a figure would lie between nine times of ten, with other members of the same kind. */
export interface Spread {
  readonly low: number;
  readonly high: number;
}

const draws = 500;
const tail = 0.05;

/**
 * How much a figure owes to the members that happened to be measured: of as many members as there are, drawn with
 * repeats, it is measured again, each with all that belongs to it.
 *
 * @param items what the figure is made from
 * @param memberOf whom an item belongs to
 * @param figureOf the figure of some items
 * @source bootstrap of clusters: Davison & Hinkley 1997, Bootstrap Methods and their Application, 3.8
 */
export function spreadOf<T>(
  items: readonly T[],
  memberOf: (item: T) => string,
  figureOf: (items: readonly T[]) => number,
  random: Random,
): Spread {
  const members = [...Map.groupBy(items, memberOf).values()];
  const drawn = () => members[Math.floor(random.next() * members.length)] ?? [];
  const figures = Float64Array.from({ length: draws }, () => figureOf(members.flatMap(drawn))).sort();
  const at = (share: number) => figures[Math.round(share * (draws - 1))] ?? Number.NaN;
  return { low: at(tail), high: at(1 - tail) };
}
