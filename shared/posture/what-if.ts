import type { CompiledPolicy } from '../policy/compile-policy.ts';
import { judgeCall, type Objection } from '../policy/judge-call.ts';
import type { Registry } from '../registry/registry.ts';
import type { Store } from '../store/store.ts';
import { type DeniedEdge, type DeniedShape, deniedEdges } from './denied-edges.ts';
import type { Period } from './period.ts';
import { questionOf, type StoredCalls, storedCalls } from './stored-calls.ts';

/** What a policy would have done in a period, had it been enforced. */
export interface WhatIf {
  /** UTC ms. */
  readonly from: number;
  readonly to: number;
  /** Calls that were judged, and of them those that the policy speaks against. */
  readonly calls: number;
  readonly denied: number;
  readonly watched: number;
  /** Of the denied, those that nobody refused at the time: what would have broken. */
  readonly newly_denied: number;
  /** Agents whose calls would have been denied. */
  readonly agents: number;
  /** By what spoke against them, most first. */
  readonly by_objection: readonly ObjectionCount[];
  /** Edges with denied calls, most first, the largest of them. */
  readonly edges: readonly DeniedEdge[];
}

interface ObjectionCount {
  /** crossing, anonymous, plaintext, ... */
  readonly kind: Objection['kind'];
  readonly verdict: Objection['verdict'];
  /** Index of the zone rule; `null` for a default, or where no rule is about it. */
  readonly rule: number | null;
  readonly calls: number;
}

/** A policy, who is declared, and the time that it is judged over. */
export interface WhatIfScope {
  readonly policy: CompiledPolicy;
  readonly registry: Registry;
  readonly period: Period;
}

/**
 * Runs a policy over what happened: the store groups the calls, and the code that judges live events judges the
 * groups, so that live and in hindsight mean the same.
 *
 * @throws {AppError} STORE_UNAVAILABLE, STORE_QUERY
 */
export async function whatIf(store: Store, scope: WhatIfScope, signal?: AbortSignal): Promise<WhatIf> {
  const { policy, registry, period } = scope;
  const question = questionOf(policy.policy, registry.isUsed(period.space));
  const tally = createTally();
  for await (const group of storedCalls(store, period, question, signal))
    tally.add(group, judgeCall(policy, registry, period.space, group));
  const { counts, objections, denied } = tally;
  const { agents, edges } = await deniedEdges(store, { period, question, denied }, signal);
  const byObjection = [...objections.values()].sort(
    (a, b) => b.calls - a.calls || a.kind.localeCompare(b.kind),
  );
  return { from: period.from, to: period.to, ...counts, agents, by_objection: byObjection, edges };
}

function createTally() {
  const counts = { calls: 0, denied: 0, watched: 0, newly_denied: 0 };
  const objections = new Map<string, ObjectionCount>();
  const denied = new Map<number, DeniedShape>();
  const add = (group: StoredCalls, against: readonly Objection[]) => {
    counts.calls += group.calls;
    for (const objection of against) {
      const { kind, verdict } = objection;
      const rule = objection.kind === 'crossing' ? objection.rule : null;
      const key = `${kind} ${verdict} ${rule}`;
      const calls = (objections.get(key)?.calls ?? 0) + group.calls;
      objections.set(key, { kind, verdict, rule, calls });
    }
    const kinds = against.flatMap(({ kind, verdict }) => (verdict === 'denied' ? [kind] : []));
    if (kinds.length > 0) {
      counts.denied += group.calls;
      counts.newly_denied += group.calls - group.refused;
      denied.set(group.shape, { calls: group.calls, kinds });
    } else if (against.length > 0) counts.watched += group.calls;
  };
  return { counts, objections, denied, add };
}
