import type { Decision } from '#shared/decision.ts';
import { type CompiledPolicy, compilePolicy } from '#shared/policy/compile-policy.ts';
import { emptyPolicy, parsePolicy } from '#shared/policy/parse-policy.ts';
import { type Advisories, createAdvisories } from '#shared/registry/advisories.ts';
import { createRegistry, type Registry } from '#shared/registry/registry.ts';
import type { Decisions } from '../decisions.ts';

/** What people intend and know: the policy of each space, who is declared, what is vulnerable; live from the decisions. */
export interface Intentions {
  policy(space: string): CompiledPolicy;
  readonly registry: Registry;
  readonly advisories: Advisories;
}

// All rules of an engine read one compiled copy; the decisions that it was made of keep it alive.
const known = new WeakMap<Decisions, Intentions>();

/** The intentions behind decisions, compiled once for all rules and kept up with each change. */
export function intentionsOf(decisions: Decisions): Intentions {
  const existing = known.get(decisions);
  if (existing !== undefined) return existing;
  const registry = createRegistry();
  decisions.follow('agent', registry.decide);
  const advisories = createAdvisories();
  decisions.follow('advisory', advisories.decide);
  const policies = new Map<string, CompiledPolicy>();
  decisions.follow('policy', (key, decision) => {
    const space = key.slice('policy/'.length);
    if (decision === undefined) policies.delete(space);
    else policies.set(space, compiled(decision));
  });
  const nothingMeant = compilePolicy(emptyPolicy);
  const intentions: Intentions = {
    policy: (space) => policies.get(space) ?? nothingMeant,
    registry,
    advisories,
  };
  known.set(decisions, intentions);
  return intentions;
}

/** A policy that does not parse was refused where it was made; one of a newer version judges nothing here. */
function compiled(decision: Decision): CompiledPolicy {
  const parsed = parsePolicy(decision.body);
  return compilePolicy(parsed.ok ? parsed.policy : emptyPolicy);
}
