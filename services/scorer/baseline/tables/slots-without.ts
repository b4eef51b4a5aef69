/** The numbers below `end` that are not free, ascending. */
export function slotsWithout(end: number, free: readonly number[]): readonly number[] {
  const isFree = new Set(free);
  return Array.from({ length: end }, (_, slot) => slot).filter((slot) => !isFree.has(slot));
}
