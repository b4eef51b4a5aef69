import type { Signal } from '#shared/signal.ts';
import { allOf, type StateReader, type StateWriter } from '../state.ts';
import { createAftermath, outlierFactor } from './aftermath.ts';
import { type Case, type GroupShift, mergeCase } from './case.ts';
import { isOfMeasure, isSum, seenBy } from './case-keys.ts';
import { createNewcomers, joinMs } from './newcomers.ts';
import { createShifts, type Shift } from './shifts.ts';

/** What several agents change in at once, told as one: by what they show, by whom they come to call, by what follows. */
export interface Changes {
  /**
   * The case of the change that the signal is a part of.
   *
   * @param own the case that it would join otherwise
   */
  caseOf(signal: Signal, own: Case | undefined): Case | undefined;
  /** The signal went into this case, which may be a change of its group by now. */
  note(signal: Signal, known: Case): void;
  /** Makes one case of many, where a signal that was taken in shows that they are one. */
  fold(signal: Signal, known: Case): Folded | undefined;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export interface Folded {
  readonly whole: Case;
  /** Its best score until now. */
  readonly before: number;
  /** The cases that turned out to be parts of it, as they last were. */
  readonly parts: readonly Case[];
}

/** The cases that there are. */
interface Known {
  readonly find: (caseId: string) => Case | undefined;
  readonly close: (known: Case) => void;
  /** Nothing joins the case any more by what it shares with it. */
  readonly detach: (known: Case) => void;
}

// Two changes of a group are one when this share of the later one's members is in the other, too.
const overlapMin = 0.5;

export function createChanges({ find, close, detach }: Known): Changes {
  const isKnown = (caseId: string) => find(caseId) !== undefined;
  const newcomers = createNewcomers(isKnown);
  const shifts = createShifts(isKnown);
  const aftermath = createAftermath(isKnown);
  const parts = [newcomers, shifts, aftermath];
  const caseOfId = (caseId: string | undefined) => (caseId === undefined ? undefined : find(caseId));
  const change = (known: Case, facts: GroupShift, members: Iterable<string>, signal: Signal) => {
    detach(known); // or it would take in whatever else its members do
    known.shift = widened(known.shift, facts);
    aftermath.mark(known.id, members, signal);
  };
  return {
    caseOf: (signal, own) => {
      const newcomer = caseOfId(newcomers.caseOf(signal));
      // Whoever calls a newcomer is unusual by that alone.
      if (newcomer !== undefined && !(isOfMeasure(signal) && isOutlier(signal, newcomer))) return newcomer;
      const shift = caseOfId(shifts.caseOf(signal));
      if (shift !== undefined && !isOutlier(signal, shift)) return shift;
      const isTold = own !== undefined && own.revision > 0;
      return isTold ? undefined : caseOfId(aftermath.caseOf(signal));
    },
    note: (signal, known) => {
      const callers = newcomers.note(signal, known.id);
      if (callers === undefined) return;
      const { agents, ...facts } = callers;
      change(known, facts, agents, signal);
    },
    fold: (signal, known) => {
      if (shifts.caseOf(signal) !== undefined && known.shift === null) return undefined; // it stands apart
      const shift = shifts.note(signal, known.id);
      if (shift === undefined) return undefined;
      const { caseOf, ...facts } = shift;
      const members = [...new Set(caseOf.values())].flatMap((id) => find(id) ?? []);
      const folded = foldedOf(members.filter((part) => isOfShift(part, shift, signal.time)));
      if (folded === undefined) return undefined;
      for (const part of folded.parts) close(part);
      change(folded.whole, facts, caseOf.keys(), signal);
      shifts.settle(signal, folded.whole.id);
      return folded;
    },
    ...allOf(parts),
  };
}

const isOutlier = (signal: Signal, { best }: Case): boolean =>
  signal.score > outlierFactor * best.score && !isSum(signal);

/** What was told of a member long before has a reason of its own. */
function isOfShift(part: Case, { detector, caseOf }: Shift, time: number): boolean {
  if (part.shift !== null) {
    const common = [...caseOf.values()].filter((id) => id === part.id).length;
    return part.shift.detector === detector || common >= overlapMin * caseOf.size;
  }
  return seenBy(part.best)?.detector === detector && (part.revision === 0 || time - part.toldAt <= joinMs);
}

/** A change is what it was first recognised as, however far it comes. */
const widened = (known: GroupShift | null, now: GroupShift): GroupShift =>
  known === null
    ? now
    : { ...known, members: Math.max(known.members, now.members), of: Math.max(known.of, now.of) };

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
