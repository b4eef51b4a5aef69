import type { Policy } from './policy.ts';

/** One change between two policies, as a person and an audit trail read it. */
export interface PolicyChange {
  readonly change: 'added' | 'removed' | 'replaced' | 'moved';
  /** Dotted key, such as `tls.version_min`; a list's members are told apart by what they are, not where. */
  readonly key: string;
  /** `null` for what was added. */
  readonly before: unknown;
  /** `null` for what was removed. */
  readonly after: unknown;
}

/** What an edit changes, key by key, in the order of the schema; none for two equal policies. */
export function policyDiff(before: Policy, after: Policy): readonly PolicyChange[] {
  return changesOf('', before, after);
}

function changesOf(key: string, before: unknown, after: unknown): readonly PolicyChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return listChanges(key, before, after);
  if (!isMapping(before) || !isMapping(after)) {
    const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'replaced';
    return [{ change, key, before: before ?? null, after: after ?? null }];
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => changesOf(key === '' ? name : `${key}.${name}`, before[name], after[name]));
}

/** Order counts in a list of rules, so a list that holds the same in another order has moved. */
function listChanges(
  key: string,
  before: readonly unknown[],
  after: readonly unknown[],
): readonly PolicyChange[] {
  const kept = new Set(after.map((item) => JSON.stringify(item)));
  const known = new Set(before.map((item) => JSON.stringify(item)));
  const removed = before.filter((item) => !kept.has(JSON.stringify(item)));
  const added = after.filter((item) => !known.has(JSON.stringify(item)));
  if (removed.length + added.length === 0) return [{ change: 'moved', key, before, after }];
  return [
    ...removed.map((item) => ({ change: 'removed' as const, key, before: item, after: null })),
    ...added.map((item) => ({ change: 'added' as const, key, before: null, after: item })),
  ];
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
