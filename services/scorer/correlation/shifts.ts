import { putNewest } from '#shared/put-newest.ts';
import { rulePs } from '#shared/rule-tiers.ts';
import type { Signal } from '#shared/signal.ts';
import { logIncompleteBeta } from '#shared/stats/log-incomplete-beta.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { type GroupShift, quietMs } from './case.ts';
import { newsScore } from './case-index.ts';
import { seenBy, sideOf } from './case-keys.ts';

/**
 * Changes of a whole peer group: when many of its members become unusual in the same way within an hour, that is one
 * thing to tell (a release, a slow store that they share, a shipper that stopped), not one for each of them. Where most
 * of them name the same peer, it is what that peer does.
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
  /** Whom its first signal names at the other end. */
  readonly peer: string | null;
  /** Its newest signal. */
  readonly time: number;
  readonly p: number;
  readonly caseId: string;
}

/** Signals of one detector about members of one group. */
interface Cohort {
  readonly members: Map<string, Member>;
  /** The case of the recognised change; `null` while there is none. */
  caseId: string | null;
  /** Whom the change is by, where most members named the same peer as it was recognised. */
  peer: string | null;
  from: number;
  to: number;
}

const hourMs = 3_600_000;
const dayMs = 86_400_000;
// Three in ten, and five at least: fewer are a coincidence, or so many attacks.
const membersMin = 5;
const memberShare = 0.3;
const peerShare = 0.5; // of the members that name one peer: it is that peer's doing
// How unlikely it must be that so many are so unusual by chance: as unlikely as a broken rule.
const shiftP = rulePs.warning;
const windowsAnHour = 12; // each with a p of its own
const lastsMsMax = 7 * dayMs;
const cohortsMax = 1000; // beyond it the one that is silent for longest is forgotten
const membersMax = 1000; // of one cohort; what comes beyond is not counted

/** @param isKnown is there still a case of this id? */
export function createShifts(isKnown: (caseId: string) => boolean): Shifts {
  // By what is alike, the one heard last last: changes, and who may yet turn out to be one.
  let changes = new Map<string, Cohort>();
  let candidates = new Map<string, Cohort>();

  /** The change that a signal is more of. */
  const changeOf = (key: string, signal: Signal): Cohort | undefined => {
    const change = changes.get(key);
    return change !== undefined && isPart(change, signal) ? change : undefined;
  };
  const candidatesOf = (key: string, time: number): Cohort => {
    const known = candidates.get(key);
    if (known === undefined || time - known.to > hourMs) return openCohort(time);
    forgetOld(known.members, time);
    return known;
  };

  return {
    caseOf: (signal) => {
      const key = keyOf(signal);
      const id = key === undefined ? undefined : changeOf(key, signal)?.caseId;
      return typeof id === 'string' && isKnown(id) ? id : undefined;
    },
    note: (signal, caseId) => {
      const key = keyOf(signal);
      const first = seenBy(signal);
      if (key === undefined || first === undefined) return undefined;
      const change = changeOf(key, signal);
      const cohort = change ?? candidatesOf(key, signal.time);
      putNewest(change === undefined ? candidates : changes, key, cohort, cohortsMax);
      if (!join(cohort, signal, caseId)) return undefined;
      const of = Math.max(first.group_members ?? 0, cohort.members.size);
      if (change === undefined && !isShift([...cohort.members.values()], of)) return undefined;
      const caseOf = new Map([...cohort.members].map(([member, { caseId }]) => [member, caseId]));
      return { group: first.group ?? '', detector: first.detector, members: caseOf.size, of, caseOf };
    },
    settle: (signal, caseId) => {
      const key = keyOf(signal);
      const cohort = key === undefined ? undefined : (changeOf(key, signal) ?? candidates.get(key));
      if (key === undefined || cohort === undefined) return;
      if (cohort.caseId === null) {
        candidates.delete(key);
        putNewest(changes, key, cohort, cohortsMax);
        cohort.from = signal.time;
        cohort.peer = commonPeer(cohort);
      }
      cohort.caseId = caseId;
      for (const [agent, member] of cohort.members) cohort.members.set(agent, { ...member, caseId });
    },
    save: (state) => {
      state.value('group-changes', savedCohorts(changes));
      state.value('change-candidates', savedCohorts(candidates));
    },
    restore: (state) => {
      changes = revivedCohorts(state.value('group-changes'));
      candidates = revivedCohorts(state.value('change-candidates'));
    },
  };
}

const openCohort = (time: number): Cohort => ({
  members: new Map(),
  caseId: null,
  peer: null,
  from: time,
  to: time,
});

/** Counts the signal's agent in, where there is room. */
function join(cohort: Cohort, { agent, peer, time, p }: Signal, caseId: string): boolean {
  const before = cohort.members.get(agent);
  cohort.to = Math.max(cohort.to, time);
  if (before === undefined && cohort.members.size >= membersMax) return false;
  cohort.members.set(agent, {
    peer: before?.peer ?? peer,
    time,
    p: Math.min(p, before?.p ?? 1),
    caseId: before?.caseId ?? caseId,
  });
  return true;
}

/**
 * Is the signal more of the change? One that nobody shows for a day is over, and none lasts longer than a week. What one
 * agent did to many, a sweep or a flood, excuses nothing that others do to them.
 */
const isPart = (change: Cohort, signal: Signal): boolean =>
  signal.time - change.to <= dayMs &&
  signal.time - change.from <= lastsMsMax &&
  (change.peer === null ? !isNewsOfMember(change, signal) : signal.peer === change.peer);

/** What a member shows after a pause, ten times less likely than all that it showed as one, has a reason of its own. */
function isNewsOfMember({ members }: Cohort, { agent, time, score }: Signal): boolean {
  const known = members.get(agent);
  return known !== undefined && time - known.time > quietMs && score > newsScore - Math.log10(known.p);
}

function commonPeer({ members }: Cohort): string | null {
  const counts = new Map<string, number>();
  for (const { peer } of members.values()) if (peer !== null) counts.set(peer, (counts.get(peer) ?? 0) + 1);
  for (const [peer, count] of counts) if (count > peerShare * members.size) return peer;
  return null;
}

type SavedCohort = readonly [string, Omit<Cohort, 'members'> & { readonly members: [string, Member][] }];

const savedCohorts = (cohorts: ReadonlyMap<string, Cohort>): SavedCohort[] =>
  [...cohorts].map(([key, cohort]) => [key, { ...cohort, members: [...cohort.members] }]);

const revivedCohorts = (saved: unknown): Map<string, Cohort> =>
  new Map(
    ((saved ?? []) as SavedCohort[]).map(([key, cohort]) => [
      key,
      { ...cohort, members: new Map(cohort.members) },
    ]),
  );

/** What is alike: the strongest detector, the end that it looked at, and the group; none where there is no group. */
function keyOf(signal: Signal): string | undefined {
  const first = seenBy(signal);
  if (first?.group_members === undefined || first.group === null) return undefined;
  return [signal.space, first.detector, sideOf(signal), first.group].join('\n');
}

function forgetOld(members: Map<string, Member>, time: number): void {
  for (const [agent, member] of members) if (time - member.time > hourMs) members.delete(agent);
}

/**
 * Are so many members of a group unusual that it is no coincidence? The least of the binomial tails of the k most
 * unusual, for each k that would be enough of them; each k is a try.
 *
 * @param members that showed something within the hour
 * @param of members of the group
 */
function isShift(members: readonly Member[], of: number): boolean {
  const ps = members.map(({ p }) => p);
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
