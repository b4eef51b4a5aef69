import type { Signal } from '#shared/signal.ts';
import type { Case } from './cases.ts';

/** Who of a signal called whom. */
export function endsOf(signal: Signal): { readonly caller: string | null; readonly called: string | null } {
  const isCalled = signal.cause.endsWith(`/destination/${signal.agent}`);
  return isCalled
    ? { caller: signal.peer, called: signal.agent }
    : { caller: signal.agent, called: signal.peer };
}

/**
 * Many agents at one: a flood from forged addresses is one case, not a thousand. The third caller of an agent
 * within ten minutes joins the first one's case, and so does each that follows.
 */
export interface Crowds {
  caseOf(signal: Signal): Case | undefined;
  note(signal: Signal, known: Case): void;
}

interface Crowd {
  readonly first: Case;
  readonly callers: Set<string>;
  to: number;
}

const crowdFrom = 3;
const crowdMs = 600_000;
const crowdsMax = 10_000;

/** Not saved: what it forgets at a restart is at most one case in two. */
export function createCrowds(): Crowds {
  const crowds = new Map<string, Crowd>();
  const keyOf = (signal: Signal, called: string) => `${signal.space}\n${called}`;
  return {
    caseOf: (signal) => {
      const { caller, called } = endsOf(signal);
      if (caller === null || called === null) return undefined;
      const crowd = crowds.get(keyOf(signal, called));
      if (crowd === undefined || signal.time - crowd.to > crowdMs) return undefined;
      const size = crowd.callers.size + (crowd.callers.has(caller) ? 0 : 1);
      return size >= crowdFrom ? crowd.first : undefined;
    },
    note: (signal, known) => {
      const { caller, called } = endsOf(signal);
      if (caller === null || called === null) return;
      const key = keyOf(signal, called);
      const crowd = crowds.get(key);
      if (crowd === undefined || signal.time - crowd.to > crowdMs) {
        crowds.delete(key);
        if (crowds.size >= crowdsMax) crowds.delete(crowds.keys().next().value ?? '');
        crowds.set(key, { first: known, callers: new Set([caller]), to: signal.time });
        return;
      }
      crowd.to = signal.time;
      if (crowd.callers.size < crowdFrom) crowd.callers.add(caller);
    },
  };
}
