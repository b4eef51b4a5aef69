import type { Signal } from '#shared/signal.ts';
import { type Case, quietMs } from './case.ts';
import { growthKeysOf, isSum, keysOf, reachedKey, recurrenceKeysOf, seenBy, stepOf } from './case-keys.ts';

/** Finds the case that a signal shares something with. */
export interface CaseIndex {
  find(signal: Signal): Case | undefined;
  /** The case is found from now on by what this signal of it shows. */
  add(known: Case, signal: Signal): void;
  /** The case is not found any more. */
  drop(known: Case): void;
  /** Takes over the keys that cases were saved with. */
  restore(cases: Iterable<Case>): void;
}

// A case that never falls quiet takes in whatever its agents do for a day, and then only more of the same.
const caseMsMax = 86_400_000;
// What was told and comes again within a day is the same thing, and no news, for a week: then it is told anew, or its
// alert would go stale in nobody's hands.
const recurrenceMs = 86_400_000;
const recurrenceMsMax = 7 * 86_400_000;
// What is ten times less likely than all of an alert that was told half an hour ago is news: whoever reads alerts has
// read that one. So no attack hides in what somebody does not mind.
export const newsScore = 1;
const keysMax = 1000; // of one case; what shares none of them opens another

/** @param isFact is the detector of this name a rule? */
export function createCaseIndex(isFact: (detector: string) => boolean): CaseIndex {
  const byKey = new Map<string, Case>(); // of an edge, a caller, a flooded or reached agent, a recurrence
  return {
    find: (signal) => {
      const { time, space } = signal;
      const firstOf = (keys: readonly string[], isFit: (known: Case) => boolean): Case | undefined => {
        for (const key of keys) {
          const known = byKey.get(key);
          if (known !== undefined && isFit(known) && (isGrowth(signal, known) || !isNews(signal, known)))
            return known;
        }
        return undefined;
      };
      const step = stepOf(signal);
      const reached = step === undefined ? [] : [reachedKey(space, step.from)];
      const growth = growthKeysOf(signal);
      const again = [...recurrenceKeysOf(signal, isFact), ...(growth === undefined ? [] : [growth.other])];
      return (
        firstOf(again, (known) => isRemembered(known, time)) ??
        firstOf(keysOf(signal), (known) => isOpen(known, time)) ??
        firstOf(reached, (known) => known.revision > 0 && isOpen(known, time))
      );
    },
    // Each key is one case's: the newest one's, but what is remembered keeps those by which it recurs.
    add: (known, signal) => {
      const step = stepOf(signal);
      const isStrong = known.activeTo === signal.time;
      const isFurther = (from: string) => byKey.get(reachedKey(signal.space, from)) === known;
      const reached =
        step !== undefined && (isStrong || isFurther(step.from)) ? [reachedKey(signal.space, step.to)] : [];
      const growth = growthKeysOf(signal);
      const recurrence =
        isStrong || isAboutIts(signal, known)
          ? [...recurrenceKeysOf(signal, isFact), ...(growth === undefined ? [] : [growth.own])]
          : [];
      for (const key of [...keysOf(signal), ...reached, ...recurrence]) {
        const before = byKey.get(key);
        if (before === known) continue;
        if (known.keys.size >= keysMax) return;
        if (before !== undefined && recurrence.includes(key) && keepsRecurrence(before, signal)) continue;
        before?.keys.delete(key);
        known.keys.add(key);
        byKey.set(key, known);
      }
    },
    drop: (known) => {
      for (const key of known.keys) byKey.delete(key);
      known.keys.clear();
    },
    restore: (cases) => {
      byKey.clear();
      for (const known of cases) for (const key of known.keys) byKey.set(key, known);
    },
  };
}

/** Is a signal too unusual to be more of a case that was told before? */
export const isNews = (signal: Signal, { revision, toldAt, best }: Case): boolean =>
  revision > 0 && signal.time - toldAt > quietMs && signal.score > best.score + newsScore && !isSum(signal);

/**
 * More of what the case is about, without a pause since it was told that would have ended it: an hour's bytes gather for
 * an hour. What comes back faintly and grows from there is news once it is ten times less likely.
 */
const isGrowth = (signal: Signal, { best, activeFrom, activeTo, toldAt }: Case): boolean =>
  activeFrom <= toldAt &&
  signal.time - activeTo <= quietMs &&
  seenBy(signal)?.detector === seenBy(best)?.detector;

/** What others show came along, and is no return of what was told when it comes again. */
const isAboutIts = ({ agent, peer }: Signal, known: Case) => agent === known.agent || peer === known.agent;

const keepsRecurrence = (known: Case, signal: Signal) =>
  isRemembered(known, signal.time) && !isNews(signal, known);

/** Whether a case may still get signals. */
export const isAlive = (known: Case, time: number) => isOpen(known, time) || isRemembered(known, time);

const isOpen = (known: Case, time: number) =>
  time - known.activeTo <= quietMs && time - known.from <= caseMsMax;

const isRemembered = (known: Case, time: number) =>
  known.rememberedFrom > 0 &&
  (time - known.to <= recurrenceMs || isSum(known.best)) && // a sum may take days to grow
  time - known.rememberedFrom <= recurrenceMsMax;
