import type { Decision } from '../decision.ts';
import { type Advisories, createAdvisories } from '../registry/advisories.ts';
import { createRegistry, type Registry } from '../registry/registry.ts';
import { type CompiledPolicy, compilePolicy } from './compile-policy.ts';
import { createGivenGrants, type GivenGrant, type GivenGrants } from './given-grants.ts';
import { emptyPolicy, parsePolicy } from './parse-policy.ts';

/** What people intend and know: the policy of each space, who is declared and may do what, what is vulnerable. */
export interface Intentions {
  policy(space: string): CompiledPolicy;
  /** Every right that policy and role lists give in a space. */
  grants(space: string): readonly GivenGrant[];
  /** Role lists in force, by the key of their decision. */
  readonly roleLists: GivenGrants['lists'];
  readonly registry: Registry;
  readonly advisories: Advisories;
  /** Takes a decision in; `undefined` takes the one of this key back. Other kinds are ignored. */
  decide(key: string, decision: Decision | undefined): void;
}

/** Kinds of decisions that intentions are made of. */
export const intentionKinds = ['agent', 'policy', 'roles', 'advisory'] as const;

export function createIntentions(): Intentions {
  const registry = createRegistry();
  const advisories = createAdvisories();
  const given = createGivenGrants();
  const policies = new Map<string, CompiledPolicy>();
  const nothingMeant = compilePolicy(emptyPolicy);
  const decidePolicy = (key: string, decision: Decision | undefined) => {
    if (!key.startsWith('policy/')) return;
    const space = key.slice('policy/'.length);
    // A policy that does not parse was refused where it was made; one of a newer version judges nothing here.
    const parsed = decision === undefined ? undefined : parsePolicy(decision.body);
    if (parsed?.ok) policies.set(space, compilePolicy(parsed.policy));
    else policies.delete(space);
  };
  const policy = (space: string) => policies.get(space) ?? nothingMeant;
  return {
    policy,
    grants: (space) => given.of(space, policy(space).policy),
    roleLists: given.lists,
    registry,
    advisories,
    decide: (key, decision) => {
      registry.decide(key, decision);
      advisories.decide(key, decision);
      given.decide(key, decision);
      decidePolicy(key, decision);
    },
  };
}
