import type { GivenGrant } from '../policy/given-grants.ts';
import { compilePattern, compilePatterns } from '../policy/pattern.ts';
import type { Grant } from '../policy/policy.ts';
import type { Store } from '../store/store.ts';
import type { Period } from './period.ts';
import { storedCalls } from './stored-calls.ts';

/** Actions of one agent at one other that are told apart; more become `*`. */
const actionsMax = 64;

/** What one agent did at another. */
export interface Use {
  readonly source: string;
  readonly destination: string;
  /** UTC ms of the last call of each action; "" for calls without. */
  readonly actions: ReadonlyMap<string, number>;
  readonly calls: number;
}

/** A right and whether it is used. */
export interface GrantUse {
  /** Who gave it: `policy`, or the name of a role list. */
  readonly from: string;
  readonly agent: string;
  readonly to: readonly string[];
  readonly actions: readonly string[];
  readonly role: string | null;
  readonly calls: number;
  /** UTC ms; `null` when nobody used it in the period. */
  readonly last_used: number | null;
  /** Days since it was used, or granted; `null` where neither is known. */
  readonly unused_days: number | null;
  /** Of what it allows, the part that nobody used: it can be taken back. */
  readonly unused_to: readonly string[];
  readonly unused_actions: readonly string[];
}

/** Which agents did what at which, in a period: what is used of all that is granted. */
export async function usesOf(store: Store, period: Period, signal?: AbortSignal): Promise<readonly Use[]> {
  const question = { fields: ['action'], asksSource: true, asksDestination: true } as const;
  const uses = new Map<string, { use: Use; actions: Map<string, number>; calls: number }>();
  for await (const group of storedCalls(store, period, question, signal)) {
    // A call that was refused is no use of a right.
    if (group.calls === group.refused || group.source === null || group.destination === null) continue;
    const { source, destination } = group;
    const key = `${source}\n${destination}`;
    const actions = uses.get(key)?.actions ?? new Map<string, number>();
    const action = actions.size < actionsMax ? (group.action ?? '') : '*';
    actions.set(action, Math.max(actions.get(action) ?? 0, group.last_time));
    const calls = (uses.get(key)?.calls ?? 0) + group.calls - group.refused;
    uses.set(key, { use: { source, destination, actions, calls }, actions, calls });
  }
  return [...uses.values()].map(({ use }) => use);
}

const dayMs = 24 * 60 * 60_000;

/** Every grant with its use, the longest unused first. */
export function grantUses(
  grants: readonly GivenGrant[],
  uses: readonly Use[],
  now: number,
): readonly GrantUse[] {
  const byAge = (use: GrantUse) => use.unused_days ?? Number.POSITIVE_INFINITY;
  const usesBy = Map.groupBy(uses, (use) => use.source);
  return grants
    .map((grant) => {
      const isPattern = grant.agent.includes('*');
      return grantUse(grant, isPattern ? uses : (usesBy.get(grant.agent) ?? []), now);
    })
    .sort((a, b) => byAge(b) - byAge(a));
}

/** @param uses of everybody, or of the agent alone where the grant names one */
function grantUse(grant: GivenGrant, uses: readonly Use[], now: number): GrantUse {
  const isAgent = compilePattern(grant.agent);
  const isTarget = compilePatterns(grant.to);
  const isAction = compilePatterns(grant.actions);
  const seenAt = new Set<string>();
  const seenActions = new Set<string>();
  let calls = 0;
  let lastUsed = 0;
  for (const use of uses) {
    if (!isAgent(use.source) || !isTarget(use.destination)) continue;
    const fitting = [...use.actions].filter(([action]) => isAction(action));
    if (fitting.length === 0) continue;
    seenAt.add(use.destination);
    calls += use.calls;
    for (const [action, time] of fitting) {
      seenActions.add(action);
      lastUsed = Math.max(lastUsed, time);
    }
  }
  const since = lastUsed === 0 ? grant.since : lastUsed;
  return {
    from: grant.from,
    agent: grant.agent,
    to: grant.to,
    actions: grant.actions,
    role: grant.role ?? null,
    calls,
    last_used: lastUsed === 0 ? null : lastUsed,
    unused_days: since === undefined ? null : Math.max(0, Math.floor((now - since) / dayMs)),
    unused_to: unmatched(grant.to, seenAt),
    unused_actions: unmatched(grant.actions, seenActions),
  };
}

/** The patterns that none of the names fits. */
function unmatched(patterns: readonly string[], names: ReadonlySet<string>): readonly string[] {
  return patterns.filter((pattern) =>
    pattern.includes('*') ? ![...names].some(compilePattern(pattern)) : !names.has(pattern),
  );
}

/** The least that an agent needs for what it did: a grant for each agent that it called. */
export function minimalGrants(uses: readonly Use[], agent: string): readonly Grant[] {
  return uses
    .filter((use) => use.source === agent)
    .sort((a, b) => (a.destination < b.destination ? -1 : 1))
    .map((use) => {
      const actions = [...use.actions.keys()].map((action) => (action === '' ? '*' : action)).sort();
      return { agent, to: [use.destination], actions: actions.includes('*') ? ['*'] : actions };
    });
}

/** Edges that grants stand for; a pattern that fits half of a large network would else stand for millions. */
const grantedEdgesMax = 1_000_000;

/**
 * Who may call whom by what is granted: patterns stand for the agents that are known, names also for those that are not.
 *
 * @param agents ids that are known
 */
export function grantedEdges(
  grants: readonly GivenGrant[],
  agents: ReadonlySet<string>,
): readonly (readonly [source: string, destination: string])[] {
  const known = [...agents];
  const fitting = new Map<string, readonly string[]>();
  const meant = (pattern: string): readonly string[] => {
    const names =
      fitting.get(pattern) ?? (pattern.includes('*') ? known.filter(compilePattern(pattern)) : [pattern]);
    fitting.set(pattern, names);
    return names;
  };
  const edges: (readonly [string, string])[] = [];
  for (const { agent, to } of grants) {
    for (const source of meant(agent)) {
      for (const destination of to.flatMap(meant)) {
        if (edges.length >= grantedEdgesMax) return edges;
        edges.push([source, destination]);
      }
    }
  }
  return edges;
}
