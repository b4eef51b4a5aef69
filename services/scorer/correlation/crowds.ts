import { putNewest } from '#shared/put-newest.ts';
import type { Signal } from '#shared/signal.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { quietMs } from './case.ts';
import { endsOf, seenBy, sideOf } from './case-keys.ts';

/**
 * Many agents at one: a flood from forged addresses is one case, not a thousand. The third caller of an agent within
 * ten minutes joins the first one's case, and so does each that follows. And for half an hour after somebody has
 * flooded an agent, that much reaches it is a part of that case, whoever called it last.
 */
export interface Crowds {
  /** Id of the case that the signal's crowd or flood is. */
  caseOf(signal: Signal): string | undefined;
  note(signal: Signal, joined: Joined): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** Where a signal went. */
interface Joined {
  readonly caseId: string;
  /** Is it no less than half of the case? */
  readonly isStrong: boolean;
  /** The crowd's former case is not its own any more: it goes to this one from now on. */
  readonly isOutgrown: boolean;
}

/** Plain data: it is saved as JSON. */
interface Crowd {
  /** The case of its first caller. */
  caseId: string;
  /** The first few: how many are needed to know that it is one. */
  readonly callers: string[];
  to: number;
}

/** The same. */
interface Flood {
  readonly caseId: string;
  readonly to: number;
}

const crowdFrom = 3;
const crowdMs = 600_000;
const crowdsMax = 10_000; // and floods; beyond it the oldest is forgotten
// By what an agent is flooded, and what is seen of it at its own end: sums over all of its callers.
const flooding = new Set(['volume', 'edge-burst']);
const totals = new Set(['volume', 'bytes-total']);

/** @param isKnown is there still a case of this id? */
export function createCrowds(isKnown: (caseId: string) => boolean): Crowds {
  let crowds = new Map<string, Crowd>();
  let floods = new Map<string, Flood>();
  const keyOf = (signal: Signal, called: string) => `${signal.space}\n${called}`;
  return {
    caseOf: (signal) => {
      const { caller, called } = endsOf(signal);
      if (caller === null || called === null) return undefined;
      const flood = floods.get(keyOf(signal, called));
      if (
        flood !== undefined &&
        isOfTotal(signal) &&
        signal.time - flood.to <= quietMs &&
        isKnown(flood.caseId)
      )
        return flood.caseId;
      const crowd = crowds.get(keyOf(signal, called));
      if (crowd === undefined || signal.time - crowd.to > crowdMs) return undefined;
      const size = crowd.callers.length + (crowd.callers.includes(caller) ? 0 : 1);
      return size >= crowdFrom ? crowd.caseId : undefined;
    },
    note: (signal, { caseId, isStrong, isOutgrown }) => {
      const { caller, called } = endsOf(signal);
      if (caller === null || called === null) return;
      const key = keyOf(signal, called);
      if (isStrong && isOfFlood(signal)) putNewest(floods, key, { caseId, to: signal.time }, crowdsMax);
      const crowd = crowds.get(key);
      if (crowd === undefined || signal.time - crowd.to > crowdMs) {
        putNewest(crowds, key, { caseId, callers: [caller], to: signal.time }, crowdsMax);
        return;
      }
      crowd.to = signal.time;
      if (isOutgrown || !isKnown(crowd.caseId)) crowd.caseId = caseId; // or it lasted longer than a case may
      if (crowd.callers.length < crowdFrom && !crowd.callers.includes(caller)) crowd.callers.push(caller);
    },
    save: (state) => {
      state.value('crowds', [...crowds]);
      state.value('floods', [...floods]);
    },
    restore: (state) => {
      crowds = new Map((state.value('crowds') ?? []) as [string, Crowd][]);
      floods = new Map((state.value('floods') ?? []) as [string, Flood][]);
    },
  };
}

const isOfTotal = (signal: Signal) =>
  sideOf(signal) === 'destination' && totals.has(seenBy(signal)?.detector ?? '');

const isOfFlood = (signal: Signal) => isOfTotal(signal) || flooding.has(seenBy(signal)?.detector ?? '');
