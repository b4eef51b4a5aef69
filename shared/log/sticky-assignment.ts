/** Who reads what: partition number → member id. */
export type Assignment = ReadonlyMap<number, string>;

/**
 * Spreads partition numbers over the members of a group so that their loads differ by at most one, and moves as
 * few of them as that allows: each move costs a hand-over of state. Pure: every member computes the same answer.
 *
 * @param units partition numbers to be read
 * @param members ids of the living members; without any, nothing is assigned
 * @param owners who reads what now; owners that are no members any more are ignored
 * @example stickyAssignment([0, 1, 2], ['a', 'b'], new Map([[0, 'a'], [1, 'a'], [2, 'a']]));
 * // => Map { 0 => 'a', 1 => 'a', 2 => 'b' }: one of three moves
 */
export function stickyAssignment(
  units: readonly number[],
  members: readonly string[],
  owners: Assignment,
): Assignment {
  const assigned = new Map<number, string>();
  if (members.length === 0) return assigned;
  const held = new Map<string, number[]>([...members].sort().map((member) => [member, []]));
  const free: number[] = [];
  for (const unit of [...units].sort((a, b) => a - b)) {
    const list = held.get(owners.get(unit) ?? '');
    if (list === undefined) free.push(unit);
    else list.push(unit);
  }
  // Those who hold most get the larger shares: whatever they may keep does not move.
  const byLoad = [...held].sort(([, a], [, b]) => b.length - a.length);
  const share = Math.floor(units.length / members.length);
  const larger = units.length % members.length;
  const quotaOf = (rank: number) => share + (rank < larger ? 1 : 0);
  byLoad.forEach(([, list], rank) => {
    free.push(...list.splice(quotaOf(rank)));
  });
  free.sort((a, b) => a - b);
  byLoad.forEach(([member, list], rank) => {
    list.push(...free.splice(0, quotaOf(rank) - list.length));
    for (const unit of list) assigned.set(unit, member);
  });
  return assigned;
}
