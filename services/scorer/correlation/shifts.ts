import { rulePs } from '#shared/rule-tiers.ts';
import type { Signal } from '#shared/signal.ts';
import { logIncompleteBeta } from '#shared/stats/log-incomplete-beta.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { GroupShift } from './case.ts';
import { seenBy, sideOf } from './case-keys.ts';

/**
 * Changes of a whole peer group: when many of its members become unusual in the same way within an hour, that is one
 * thing to tell (a release, a slow store that they share, a shipper that stopped), not one for each of them.
 */
export interface Shifts {
  /** Id of the case of the change that the signal is a part of, if one was recognised. */
  caseOf(signal: Signal): string | undefined;
  /**
   * The signal went into the case of this id.
   *
   * @returns the change that it completes or continues
   */
  note(signal: Signal, caseId: string): Shift | undefined;
  /** The change is told by the case of this id from now on. */
  settle(signal: Signal, caseId: string): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** Members of one group that changed alike. */
export interface Shift extends GroupShift {
  /** By member, the first first: the case that its signals went into. */
  readonly caseOf: ReadonlyMap<string, string>;
}

interface Member {
  readonly time: number;
  readonly p: number;
  readonly caseId: string;
}

/** Signals of one detector about members of one group. */
interface Cohort {
  /** Newest signal of each member. */
  readonly members: Map<string, Member>;
  /** The case of the recognised change; `null` while there is none. */
  caseId: string | null;
  from: number;
  to: number;
}

const hourMs = 3_600_000;
const dayMs = 86_400_000;
// Three in ten, and five at least: fewer are a coincidence, or so many attacks.
const membersMin = 5;
const memberShare = 0.3;
// How unlikely it must be that so many are so unusual by chance: as unlikely as a broken rule.
const shiftP = rulePs.warning;
const windowsAnHour = 12; // each with a p of its own
const lastsMsMax = 7 * dayMs;
const cohortsMax = 1000; // beyond it the one that is silent for longest is forgotten
const membersMax = 1000; // of one cohort; what comes beyond is not counted

/** @param isKnown is there still a case of this id? */
export function createShifts(isKnown: (caseId: string) => boolean): Shifts {
  let cohorts = new Map<string, Cohort>(); // the one heard last comes last

  const cohortOf = (signal: Signal): Cohort | undefined => {
    const key = keyOf(signal);
    return key === undefined ? undefined : cohorts.get(key);
  };
  const touched = (key: string, time: number): Cohort => {
    const known = cohorts.get(key);
    const isOver =
      known === undefined ||
      time - known.to > (known.caseId === null ? hourMs : dayMs) ||
      isStale(known, time);
    const cohort = isOver ? { members: new Map(), caseId: null, from: time, to: time } : known;
    cohorts.delete(key);
    cohorts.set(key, cohort);
    if (cohorts.size > cohortsMax) cohorts.delete(cohorts.keys().next().value ?? '');
    cohort.to = Math.max(cohort.to, time);
    return cohort;
  };

  return {
    caseOf: (signal) => {
      const cohort = cohortOf(signal);
      if (cohort === undefined || cohort.caseId === null || !isKnown(cohort.caseId)) return undefined;
      return signal.time - cohort.to > dayMs || isStale(cohort, signal.time) ? undefined : cohort.caseId;
    },
    note: (signal, caseId) => {
      const key = keyOf(signal);
      const first = seenBy(signal);
      if (key === undefined || first === undefined) return undefined;
      const cohort = touched(key, signal.time);
      if (cohort.caseId === null) forgetOld(cohort.members, signal.time);
      const { agent, time, p } = signal;
      if (!cohort.members.has(agent) && cohort.members.size >= membersMax) return undefined;
      const before = cohort.members.get(agent);
      cohort.members.set(agent, { time, p: Math.min(p, before?.p ?? 1), caseId: before?.caseId ?? caseId });
      const of = Math.max(first.group_members ?? 0, cohort.members.size);
      if (
        cohort.caseId === null &&
        !isShift(
          [...cohort.members.values()].map((member) => member.p),
          of,
        )
      )
        return undefined;
      const caseOf = new Map([...cohort.members].map(([member, { caseId }]) => [member, caseId]));
      const { detector, group } = first;
      return { group: group ?? '', detector, members: caseOf.size, of, caseOf };
    },
    settle: (signal, caseId) => {
      const cohort = cohortOf(signal);
      if (cohort === undefined) return;
      cohort.caseId = caseId;
      for (const [agent, member] of cohort.members) cohort.members.set(agent, { ...member, caseId });
    },
    save: (state) =>
      state.value(
        'shifts',
        [...cohorts].map(([key, cohort]) => [key, { ...cohort, members: [...cohort.members] }]),
      ),
    restore: (state) => {
      const saved = (state.value('shifts') ?? []) as SavedCohort[];
      cohorts = new Map(saved.map(([key, cohort]) => [key, { ...cohort, members: new Map(cohort.members) }]));
    },
  };
}

type SavedCohort = readonly [string, Omit<Cohort, 'members'> & { readonly members: [string, Member][] }];

/** What is alike: the strongest detector, the end that it looked at, and the group; none where there is no group. */
function keyOf(signal: Signal): string | undefined {
  const first = seenBy(signal);
  if (first?.group_members === undefined || first.group === null) return undefined;
  return [signal.space, first.detector, sideOf(signal), first.group].join('\n');
}

const isStale = (cohort: Cohort, time: number) => time - cohort.from > lastsMsMax;

function forgetOld(members: Map<string, Member>, time: number): void {
  for (const [agent, member] of members) if (time - member.time > hourMs) members.delete(agent);
}

/**
 * Are so many members of a group unusual that it is no coincidence? The least of the binomial tails of the k most
 * unusual, for each k that would be enough of them; each k is a try.
 *
 * @param ps of the members that showed something within the hour
 * @param of members of the group
 */
function isShift(ps: readonly number[], of: number): boolean {
  const enough = Math.max(membersMin, Math.ceil(memberShare * of));
  if (ps.length < enough) return false;
  const tries = ps.length - enough + 1;
  return ps
    .toSorted((a, b) => a - b)
    .slice(enough - 1)
    .some((p, i) => {
      const hourP = Math.min(1, windowsAnHour * p);
      const count = enough + i;
      const { lower } = logIncompleteBeta({ a: count, b: of - count + 1, x: hourP, xComplement: 1 - hourP });
      return lower + Math.log(tries) < Math.log(shiftP);
    });
}
