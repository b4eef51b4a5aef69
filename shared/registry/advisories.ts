import type { Decision } from '../decision.ts';
import { type Advisory, type Affected, affectedBy, parseAdvisory } from './advisory.ts';

/** Advisories that are held; beyond them a new one is not taken. */
const advisoriesMax = 100_000;

/** All advisories that were decided upon, by the package that they are about. */
export interface Advisories {
  /** Takes a decision `advisory/ID` in; `undefined` takes the one of this key back. Other kinds are ignored. */
  decide(key: string, decision: Decision | undefined): void;
  isEmpty(): boolean;
  /** What applies to a version of any of the packages, in the order of arrival. */
  affecting(packages: readonly string[], version: string): readonly Affected[];
}

export function createAdvisories(): Advisories {
  const byKey = new Map<string, Advisory>();
  const byPackage = new Map<string, Set<Advisory>>();
  const drop = (advisory: Advisory) => {
    for (const name of packagesOf(advisory)) {
      byPackage.get(name)?.delete(advisory);
      if (byPackage.get(name)?.size === 0) byPackage.delete(name);
    }
  };
  return {
    decide: (key, decision) => {
      const before = byKey.get(key);
      if (before !== undefined) drop(before);
      byKey.delete(key);
      const advisory = decision?.kind === 'advisory' ? parseAdvisory(decision.body) : undefined;
      if (advisory === undefined || byKey.size >= advisoriesMax) return;
      byKey.set(key, advisory);
      for (const name of packagesOf(advisory))
        byPackage.set(name, (byPackage.get(name) ?? new Set()).add(advisory));
    },
    isEmpty: () => byKey.size === 0,
    affecting: (packages, version) =>
      packages.flatMap((name) =>
        [...(byPackage.get(name) ?? [])].flatMap((advisory) => affectedBy(advisory, name, version) ?? []),
      ),
  };
}

/**
 * Under which names advisories may speak of an agent: the packages declared for it, else its own name, also without
 * the path before it.
 *
 * @example packagesOfAgent('spiffe://prod/ns/shop/sa/cart', []); // => ['spiffe://prod/ns/shop/sa/cart', 'cart']
 */
export function packagesOfAgent(agent: string, declared: readonly string[]): readonly string[] {
  if (declared.length > 0) return declared;
  const last = agent.slice(agent.lastIndexOf('/') + 1);
  return last === agent ? [agent] : [agent, last];
}

function packagesOf(advisory: Advisory): ReadonlySet<string> {
  return new Set(advisory.affected.flatMap((affected) => affected.package?.name ?? []));
}
