import type { Signal } from '#shared/signal.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { type Case, joinCase, openCase, quietMs, revivedCase, type SavedCase, savedCase } from './case.ts';
import { createCaseIndex, isAlive, isNews } from './case-index.ts';
import { createChanges, type Folded } from './changes.ts';
import { createCrowds } from './crowds.ts';

/** The open cases, and those told lately: finds the one that a signal belongs to, or opens one. */
export interface Cases {
  readonly count: number;
  /** The case of a signal, the signal taken in; `before` is its best score until now, 0 where it is new. */
  take(signal: Signal): { readonly known: Case; readonly before: number };
  /** Makes one case of many, where a signal that was taken in shows that they are one. */
  fold(signal: Signal, known: Case): Folded | undefined;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const casesMax = 10_000; // beyond it the one quiet for longest is closed

/** @param isFact is the detector of this name a rule? */
export function createCases(isFact: (detector: string) => boolean): Cases {
  let cases = new Map<string, Case>(); // by id, in order of opening
  const isKnown = (id: string) => cases.has(id);
  const index = createCaseIndex(isFact);
  const crowds = createCrowds(isKnown);
  let sweptAt = 0;

  const close = (known: Case) => {
    cases.delete(known.id);
    index.drop(known);
  };
  const sweep = (time: number) => {
    sweptAt = time;
    for (const known of cases.values()) if (!isAlive(known, time)) close(known);
    while (cases.size >= casesMax) {
      close([...cases.values()].reduce((a, b) => (a.to <= b.to ? a : b)));
    }
  };
  const caseOfId = (id = '') => cases.get(id);
  const changes = createChanges({ find: (id) => cases.get(id), close, detach: index.drop });

  return {
    get count() {
      return cases.size;
    },
    take: (signal) => {
      if (signal.time - sweptAt > quietMs || cases.size >= casesMax) sweep(signal.time);
      const own = index.find(signal);
      const change = changes.caseOf(signal, own);
      const crowd = caseOfId(crowds.caseOf(signal));
      const isOutgrown = crowd !== undefined && isNews(signal, crowd);
      const found = change ?? own ?? (isOutgrown ? undefined : crowd);
      const before = found?.best.score ?? 0;
      const known = found ?? openCase(signal);
      if (found === undefined) cases.set(known.id, known);
      else joinCase(known, signal);
      if (change === undefined) {
        // Of a crowd's callers one is as good as another: what else each does is no part of it.
        if (own !== undefined || found === undefined) index.add(known, signal);
        const isStrong = known.activeTo === signal.time;
        crowds.note(signal, { caseId: known.id, isStrong, isOutgrown });
      }
      changes.note(signal, known);
      return { known, before };
    },
    fold: changes.fold,
    save: (state) => {
      state.value('cases', [...cases.values()].map(savedCase));
      state.value('swept-at', sweptAt);
      crowds.save(state);
      changes.save(state);
    },
    restore: (state) => {
      sweptAt = Number(state.value('swept-at') ?? 0);
      const saved = (state.value('cases') ?? []) as SavedCase[];
      cases = new Map(saved.map((plain) => [plain.id, revivedCase(plain)]));
      index.restore(cases.values());
      crowds.restore(state);
      changes.restore(state);
    },
  };
}
