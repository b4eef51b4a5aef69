import { createIntentions, type Intentions, intentionKinds } from '#shared/policy/intentions.ts';
import type { Decisions } from '../decisions.ts';

// All rules of an engine read one compiled copy; the decisions that it was made of keep it alive.
const known = new WeakMap<Decisions, Intentions>();

/** The intentions behind decisions, compiled once for all rules and kept up with each change. */
export function intentionsOf(decisions: Decisions): Intentions {
  const existing = known.get(decisions);
  if (existing !== undefined) return existing;
  const intentions = createIntentions();
  for (const kind of intentionKinds) decisions.follow(kind, intentions.decide);
  known.set(decisions, intentions);
  return intentions;
}
