import type { AmissProcess } from './amiss-process.ts';

const pageItemsMax = 1_000;

/** Every item of a listing, page by page. */
export async function allItems<T>(amiss: Pick<AmissProcess, 'api'>, path: string): Promise<readonly T[]> {
  const items: T[] = [];
  const joint = path.includes('?') ? '&' : '?';
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { readonly items: readonly T[]; readonly next: string | null } = await amiss.api(
      `${path}${joint}limit=${pageItemsMax}${more}`,
    );
    items.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor !== null);
  return items;
}
