import { compilePattern, compilePatterns } from '../policy/pattern.ts';
import type { Grant, Policy } from '../policy/policy.ts';
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
  /** Index in `policy.grants`. */
  readonly grant: number;
  readonly agent: string;
  readonly to: readonly string[];
  readonly actions: readonly string[];
  readonly role: string | null;
  readonly calls: number;
  /** UTC ms; `null` when nobody used it in the period. */
  readonly last_used: number | null;
  /** Days since it was used, or granted; `null` where neither is known. */
  readonly unused_days: number | null;
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
export function grantUses(policy: Policy, uses: readonly Use[], now: number): readonly GrantUse[] {
  const byAge = (use: GrantUse) => use.unused_days ?? Number.POSITIVE_INFINITY;
  return policy.grants
    .map((grant, index) => grantUse(grant, index, uses, now))
    .sort((a, b) => byAge(b) - byAge(a) || a.grant - b.grant);
}

function grantUse(grant: Grant, index: number, uses: readonly Use[], now: number): GrantUse {
  const isAgent = compilePattern(grant.agent);
  const isTarget = compilePatterns(grant.to);
  const isAction = compilePatterns(grant.actions);
  let calls = 0;
  let lastUsed = 0;
  for (const use of uses) {
    if (!isAgent(use.source) || !isTarget(use.destination)) continue;
    const times = [...use.actions].flatMap(([action, time]) => (isAction(action) ? [time] : []));
    if (times.length === 0) continue;
    calls += use.calls;
    lastUsed = Math.max(lastUsed, ...times);
  }
  const since = lastUsed === 0 ? grant.since : lastUsed;
  return {
    grant: index,
    agent: grant.agent,
    to: grant.to,
    actions: grant.actions,
    role: grant.role ?? null,
    calls,
    last_used: lastUsed === 0 ? null : lastUsed,
    unused_days: since === undefined ? null : Math.max(0, Math.floor((now - since) / dayMs)),
  };
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
