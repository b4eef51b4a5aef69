import type { Signal } from '#shared/signal.ts';
import {
  type Case,
  type GroupShift,
  joinCase,
  mergeCase,
  openCase,
  revivedCase,
  type SavedCase,
  savedCase,
} from './case.ts';
import { createCaseIndex, isAlive, quietMs } from './case-index.ts';
import { seenBy } from './case-keys.ts';
import { createCrowds } from './crowds.ts';
import { createShifts } from './shifts.ts';
import type { StateReader, StateWriter } from './state.ts';
import { weakEvidence } from './weak-evidence.ts';

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

interface Folded {
  readonly whole: Case;
  /** Its best score until now. */
  readonly before: number;
  /** The cases that turned out to be parts of it, as they last were. */
  readonly parts: readonly Case[];
}

const casesMax = 10_000; // beyond it the one quiet for longest is closed
// Who is so much more unusual than everybody else in a change of the group has a reason of its own.
const outlierFactor = 2;
const shiftMs = 2 * 3_600_000; // the hour within which members change, and one to come to it

/** @param isFact is the detector of this name a rule? */
export function createCases(isFact: (detector: string) => boolean): Cases {
  let cases = new Map<string, Case>(); // by id, in order of opening
  const isKnown = (id: string) => cases.has(id);
  const index = createCaseIndex(isFact);
  const crowds = createCrowds(isKnown);
  const shifts = createShifts(isKnown);
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
  const shiftOf = (signal: Signal): Case | undefined => {
    const known = caseOfId(shifts.caseOf(signal));
    return known !== undefined && !isOutlier(signal, known) ? known : undefined;
  };

  return {
    get count() {
      return cases.size;
    },
    take: (signal) => {
      if (signal.time - sweptAt > quietMs || cases.size >= casesMax) sweep(signal.time);
      const shift = shiftOf(signal);
      const found = shift ?? index.find(signal) ?? caseOfId(crowds.caseOf(signal));
      const before = found?.best.score ?? 0;
      const known = found ?? openCase(signal);
      if (found === undefined) cases.set(known.id, known);
      else joinCase(known, signal);
      if (shift === undefined) {
        index.add(known, signal);
        crowds.note(signal, known.id);
      }
      return { known, before };
    },
    fold: (signal, known) => {
      if (shifts.caseOf(signal) !== undefined && known.shift === null) return undefined; // it stands apart
      const shift = shifts.note(signal, known.id);
      if (shift === undefined) return undefined;
      const { caseIds, ...facts } = shift;
      const isPart = (part: Case) => isOfShift(part, facts, signal.time);
      const folded = foldedOf(caseIds.flatMap((id) => caseOfId(id) ?? []).filter(isPart));
      if (folded === undefined) return undefined;
      const { whole, parts } = folded;
      for (const part of parts) close(part);
      index.drop(whole); // or it would take in whatever else its members do
      whole.shift = facts;
      shifts.settle(signal, whole.id);
      return folded;
    },
    save: (state) => {
      state.value('cases', [...cases.values()].map(savedCase));
      state.value('swept-at', sweptAt);
      crowds.save(state);
      shifts.save(state);
    },
    restore: (state) => {
      sweptAt = Number(state.value('swept-at') ?? 0);
      const saved = (state.value('cases') ?? []) as SavedCase[];
      cases = new Map(saved.map((plain) => [plain.id, revivedCase(plain)]));
      index.restore(cases.values());
      crowds.restore(state);
      shifts.restore(state);
    },
  };
}

/** What lasts grows with every window: that says how long, not how much. */
const isOutlier = ({ score, evidence }: Signal, { best }: Case): boolean =>
  score > outlierFactor * best.score && evidence[0]?.detector !== weakEvidence.name;

/** What was told of a member long before has a reason of its own. */
const isOfShift = (part: Case, { detector }: GroupShift, time: number): boolean =>
  part.shift !== null ||
  (seenBy(part.best)?.detector === detector && (part.revision === 0 || time - part.toldAt <= shiftMs));

function foldedOf(members: readonly Case[]): Folded | undefined {
  const [whole, ...parts] = members.toSorted(byRankAsWhole);
  if (whole === undefined) return undefined;
  const before = whole.best.score;
  for (const part of parts) mergeCase(whole, part);
  return { whole, before, parts };
}

/** The case of a change first, then what was told, the earliest first, then the strongest. */
const byRankAsWhole = (a: Case, b: Case): number =>
  Number(b.shift !== null) - Number(a.shift !== null) ||
  Number(b.revision > 0) - Number(a.revision > 0) ||
  (a.revision > 0 ? a.toldAt - b.toldAt : b.best.score - a.best.score);
