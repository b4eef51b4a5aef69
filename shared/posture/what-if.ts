import type { CompiledPolicy } from '../policy/compile-policy.ts';
import { judgeCall, type Objection } from '../policy/judge-call.ts';
import type { Registry } from '../registry/registry.ts';
import type { Store } from '../store/store.ts';
import type { Period } from './period.ts';
import { fieldsOf, type StoredCalls, storedCalls } from './stored-calls.ts';

/** Denied edges that are listed; the counts are of all. */
const edgesListedMax = 200;

/** What a policy would have done in a period, had it been enforced. */
export interface WhatIf {
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

export interface ObjectionCount {
  /** crossing, anonymous, plaintext, ... */
  readonly kind: Objection['kind'];
  readonly verdict: Objection['verdict'];
  /** Index of the zone rule; `null` for a default, or where no rule is about it. */
  readonly rule: number | null;
  readonly calls: number;
}

export interface DeniedEdge {
  readonly source: string;
  readonly destination: string;
  readonly source_zone: string | null;
  readonly destination_zone: string | null;
  readonly calls: number;
  readonly objections: readonly Objection['kind'][];
  /** UTC ms. */
  readonly last_time: number;
}

/**
 * Runs a policy over what happened: the store groups the calls, and the code that judges live events judges the
 * groups, so that live and in hindsight mean the same.
 */
export async function whatIf(
  store: Store,
  scope: { readonly policy: CompiledPolicy; readonly registry: Registry; readonly period: Period },
  signal?: AbortSignal,
): Promise<WhatIf> {
  const tally = createTally();
  const { policy, registry, period } = scope;
  for await (const group of storedCalls(store, period, fieldsOf(policy.policy), signal))
    tally.add(group, judgeCall(policy, registry, period.space, group));
  return { from: period.from, to: period.to, ...tally.result() };
}

interface EdgeTally {
  readonly group: StoredCalls;
  calls: number;
  lastTime: number;
  readonly kinds: Set<Objection['kind']>;
}

function createTally() {
  const counts = { calls: 0, denied: 0, watched: 0, newly_denied: 0 };
  const objections = new Map<string, { readonly objection: Objection; calls: number }>();
  const edges = new Map<string, EdgeTally>();
  const agents = new Set<string>();

  const addEdge = (group: StoredCalls, against: readonly Objection[]) => {
    const key = `${group.source}\n${group.destination}`;
    const edge = edges.get(key) ?? { group, calls: 0, lastTime: 0, kinds: new Set() };
    edge.calls += group.calls;
    edge.lastTime = Math.max(edge.lastTime, group.last_time);
    for (const objection of against) if (objection.verdict === 'denied') edge.kinds.add(objection.kind);
    edges.set(key, edge);
  };
  const add = (group: StoredCalls, against: readonly Objection[]) => {
    counts.calls += group.calls;
    for (const objection of against) {
      const key = `${objection.kind} ${objection.verdict} ${ruleOf(objection) ?? ''}`;
      const count = objections.get(key) ?? { objection, calls: 0 };
      count.calls += group.calls;
      objections.set(key, count);
    }
    if (against.some((objection) => objection.verdict === 'denied')) {
      counts.denied += group.calls;
      counts.newly_denied += group.calls - group.refused;
      agents.add(group.source);
      addEdge(group, against);
    } else if (against.length > 0) counts.watched += group.calls;
  };
  const result = () => ({
    ...counts,
    agents: agents.size,
    by_objection: [...objections.values()]
      .map(({ objection, calls }) => ({
        kind: objection.kind,
        verdict: objection.verdict,
        rule: ruleOf(objection),
        calls,
      }))
      .sort((a, b) => b.calls - a.calls || a.kind.localeCompare(b.kind)),
    edges: [...edges.values()]
      .sort((a, b) => b.calls - a.calls || (a.group.source < b.group.source ? -1 : 1))
      .slice(0, edgesListedMax)
      .map(deniedEdge),
  });
  return { add, result };
}

function ruleOf(objection: Objection): number | null {
  return objection.kind === 'crossing' ? objection.rule : null;
}

function deniedEdge({ group, calls, lastTime, kinds }: EdgeTally): DeniedEdge {
  return {
    source: group.source,
    destination: group.destination,
    source_zone: group.source_zone,
    destination_zone: group.destination_zone,
    calls,
    objections: [...kinds],
    last_time: lastTime,
  };
}
