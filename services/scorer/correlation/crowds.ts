import type { Signal } from '#shared/signal.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { endsOf } from './case-keys.ts';

/**
 * Many agents at one: a flood from forged addresses is one case, not a thousand. The third caller of an agent
 * within ten minutes joins the first one's case, and so does each that follows.
 */
export interface Crowds {
  /** Id of the case that the signal's crowd is. */
  caseOf(signal: Signal): string | undefined;
  /** The signal went into the case of this id; its crowd goes there as well from now on, if the former case `isOutgrown`. */
  note(signal: Signal, caseId: string, isOutgrown: boolean): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** Plain data: it is saved as JSON. */
interface Crowd {
  /** The case of its first caller. */
  caseId: string;
  /** The first few: how many are needed to know that it is one. */
  readonly callers: string[];
  to: number;
}

const crowdFrom = 3;
const crowdMs = 600_000;
const crowdsMax = 10_000; // beyond it the oldest is forgotten

/** @param isKnown is there still a case of this id? */
export function createCrowds(isKnown: (caseId: string) => boolean): Crowds {
  let crowds = new Map<string, Crowd>();
  const keyOf = (signal: Signal, called: string) => `${signal.space}\n${called}`;
  return {
    caseOf: (signal) => {
      const { caller, called } = endsOf(signal);
      if (caller === null || called === null) return undefined;
      const crowd = crowds.get(keyOf(signal, called));
      if (crowd === undefined || signal.time - crowd.to > crowdMs) return undefined;
      const size = crowd.callers.length + (crowd.callers.includes(caller) ? 0 : 1);
      return size >= crowdFrom ? crowd.caseId : undefined;
    },
    note: (signal, caseId, isOutgrown) => {
      const { caller, called } = endsOf(signal);
      if (caller === null || called === null) return;
      const key = keyOf(signal, called);
      const crowd = crowds.get(key);
      if (crowd === undefined || signal.time - crowd.to > crowdMs) {
        crowds.delete(key);
        if (crowds.size >= crowdsMax) crowds.delete(crowds.keys().next().value ?? '');
        crowds.set(key, { caseId, callers: [caller], to: signal.time });
        return;
      }
      crowd.to = signal.time;
      if (isOutgrown || !isKnown(crowd.caseId)) crowd.caseId = caseId; // or it lasted longer than a case may
      if (crowd.callers.length < crowdFrom && !crowd.callers.includes(caller)) crowd.callers.push(caller);
    },
    save: (state) => state.value('crowds', [...crowds]),
    restore: (state) => {
      crowds = new Map((state.value('crowds') ?? []) as [string, Crowd][]);
    },
  };
}
