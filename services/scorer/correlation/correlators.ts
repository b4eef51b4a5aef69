import type { Alert } from '#shared/alert.ts';
import type { Decision } from '#shared/decision.ts';
import { putNewest } from '#shared/put-newest.ts';
import type { Signal } from '#shared/signal.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { type Correlator, type CorrelatorOptions, createCorrelator } from './correlator.ts';

/** The correlators of all spaces: each has its own cases, its own clock and its own budget. */
export interface Correlators {
  /** Takes a signal in; what comes back is what to tell: new alerts, and new revisions of known ones. */
  take(signal: Signal): readonly Alert[];
  /** What a person decided about an alert, by its key `alert/ID`; `undefined` takes it back. */
  decide(key: string, decision: Decision | undefined): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// Beyond it the space that has been without a signal for longest begins anew: its open cases are closed.
const spacesMax = 1000;
const decisionsMax = 10_000; // the newest, for spaces that are heard of later

export function createCorrelators(options: CorrelatorOptions): Correlators {
  const spaces = new Map<string, Correlator>(); // the one heard of last comes last
  const decided = new Map<string, Decision>();
  const open = (): Correlator => {
    const correlator = createCorrelator(options);
    for (const [key, decision] of decided) correlator.decide(key, decision);
    return correlator;
  };
  const correlatorOf = (space: string): Correlator => {
    const correlator = spaces.get(space) ?? open();
    putNewest(spaces, space, correlator, spacesMax);
    return correlator;
  };
  return {
    take: (signal) => correlatorOf(signal.space).take(signal),
    decide: (key, decision) => {
      if (decision === undefined) decided.delete(key);
      else putNewest(decided, key, decision, decisionsMax);
      // An alert's id names it in all spaces, and an analyst need not say in which one it is.
      for (const correlator of spaces.values()) correlator.decide(key, decision);
    },
    save: (state) => {
      state.value('spaces', [...spaces.keys()]);
      for (const [i, correlator] of [...spaces.values()].entries()) correlator.save(state.within(String(i)));
    },
    restore: (state) => {
      spaces.clear();
      for (const [i, space] of ((state.value('spaces') ?? []) as string[]).entries())
        correlatorOf(space).restore(state.within(String(i)));
    },
  };
}
