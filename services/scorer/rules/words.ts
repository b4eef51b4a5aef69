/** Words of one scope or audience that are looked at. */
const wordsMax = 64;
const nothing: readonly string[] = [];

/** The words of a list with spaces between, as tokens carry scopes; none where there is no list. */
export function wordsOf(list: string | undefined): readonly string[] {
  if (list === undefined || list === '') return nothing;
  if (!list.includes(' ')) return [list];
  return list.split(' ', wordsMax).filter((word) => word !== '');
}
