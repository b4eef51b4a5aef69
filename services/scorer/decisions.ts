import type { Decision } from '#shared/decision.ts';

/**
 * What people and policy files decided, newest of each key, as far as the topic was read: silences, planned
 * changes, policy, registry. Held in memory and applied from the next event on.
 */
export interface Decisions {
  /** Rises with every change, so that what was compiled from decisions knows when it is stale. */
  readonly version: number;
  /** The newest decision of a key such as `policy/default`, or `undefined`. */
  newest(key: string): Decision | undefined;
  /** The newest decisions of every key of a kind, in the order of their keys' first appearance. */
  ofKind(kind: string): readonly Decision[];
  /** Takes a decision in, or with `undefined` takes the one of this key back. */
  apply(key: string, decision: Decision | undefined): void;
  /** Hands over every decision of a kind that is held, and from then on each change as it is applied. */
  follow(kind: string, take: (key: string, decision: Decision | undefined) => void): void;
}

export function createDecisions(): Decisions {
  const byKind = new Map<string, Map<string, Decision>>();
  const followers = new Map<string, ((key: string, decision: Decision | undefined) => void)[]>();
  let version = 0;
  return {
    get version() {
      return version;
    },
    newest: (key) => byKind.get(kindOf(key))?.get(key),
    ofKind: (kind) => [...(byKind.get(kind)?.values() ?? [])],
    apply: (key, decision) => {
      version += 1;
      const kind = kindOf(key);
      const ofKind = byKind.get(kind) ?? new Map<string, Decision>();
      byKind.set(kind, ofKind);
      if (decision === undefined) ofKind.delete(key);
      else ofKind.set(key, decision);
      for (const take of followers.get(kind) ?? []) take(key, decision);
    },
    follow: (kind, take) => {
      for (const [key, decision] of byKind.get(kind) ?? []) take(key, decision);
      followers.set(kind, [...(followers.get(kind) ?? []), take]);
    },
  };
}

const kindOf = (key: string) => key.split('/', 1)[0] ?? key;
