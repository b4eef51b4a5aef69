import { putNewest } from '#shared/put-newest.ts';
import type { Signal } from '#shared/signal.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { GroupShift } from './case.ts';
import { endsOf, isOfCalled } from './case-keys.ts';

/**
 * Agents that nobody had met before: all that is told of their callers' calls to one of them is one story, be it a new
 * service that a release asks or the drop of an intruder. The third caller of one peer group makes it a change of that
 * group. Whoever is met on the first day of all is none: everybody is new then.
 */
export interface Newcomers {
  /** Id of the case of the newcomer that the signal is about. */
  caseOf(signal: Signal): string | undefined;
  /**
   * The signal went into the case of this id.
   *
   * @returns the change of a peer group that it completes or continues
   */
  note(signal: Signal, caseId: string): Callers | undefined;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

interface Callers extends GroupShift {
  readonly agents: readonly string[];
}

/** Plain data: it is saved as JSON. */
interface Newcomer {
  /** The case of its first caller. */
  caseId: string;
  readonly from: number;
  to: number;
  /** Who called it, of which peer group. */
  readonly callers: [agent: string, group: string][];
}

const membersMin = 3; // as many make a crowd
/** The hour within which members change, and one to come to it. */
export const joinMs = 2 * 3_600_000;
// Whoever called it once is heard of again within a day, for a week: as what recurs is.
const againMs = 86_400_000;
const lastsMsMax = 7 * againMs;
const allNewMs = 86_400_000; // from the first signal on: by then everybody of a daily rhythm was met
const newcomersMax = 10_000; // beyond it the oldest is forgotten
const callersMax = 1000; // of one newcomer; what comes beyond is not counted

/** @param isKnown is there still a case of this id? */
export function createNewcomers(isKnown: (caseId: string) => boolean): Newcomers {
  let newcomers = new Map<string, Newcomer>();
  let began: number | undefined; // the first signal of all, event time
  const find = (signal: Signal): Newcomer | undefined => {
    const known = newcomers.get(keyOf(signal));
    return known === undefined || signal.time - known.from > lastsMsMax ? undefined : known;
  };
  const open = (signal: Signal, caseId: string): Newcomer => {
    const newcomer: Newcomer = { caseId, from: signal.time, to: signal.time, callers: [] };
    putNewest(newcomers, keyOf(signal), newcomer, newcomersMax);
    return newcomer;
  };
  return {
    caseOf: (signal) => {
      const known = find(signal);
      if (known === undefined || !isKnown(known.caseId)) return undefined;
      const { caller, called } = endsOf(signal);
      if (isOfCalled(signal) && signal.agent === called) return undefined; // what it is is no story of its callers
      const isAgain = known.callers.some(([agent]) => agent === caller);
      return signal.time - known.to <= (isAgain ? againMs : joinMs) ? known.caseId : undefined;
    },
    note: (signal, caseId) => {
      began ??= signal.time;
      const isNew = isMet(signal) && signal.time - began >= allNewMs;
      const newcomer = find(signal) ?? (isNew ? open(signal, caseId) : undefined);
      if (newcomer === undefined) return undefined;
      if (!isKnown(newcomer.caseId)) newcomer.caseId = caseId; // it lasted longer than a case may
      if (newcomer.caseId !== caseId) return undefined;
      newcomer.to = Math.max(newcomer.to, signal.time);
      return changeOf(newcomer, signal);
    },
    save: (state) => {
      state.value('newcomers', [...newcomers]);
      state.value('newcomers-began', began ?? null);
    },
    restore: (state) => {
      newcomers = new Map((state.value('newcomers') ?? []) as [string, Newcomer][]);
      began = (state.value('newcomers-began') ?? undefined) as number | undefined;
    },
  };
}

const keyOf = (signal: Signal) => `${signal.space}\n${endsOf(signal).called ?? ''}`;

/** Does the signal tell of a caller whose peer nobody had met before? */
const isMet = (signal: Signal): boolean =>
  signal.peer !== null && signal.first_seen?.space === null && endsOf(signal).caller === signal.agent;

/** Counts the caller in. @returns the change of its group, where there are enough of them */
function changeOf({ callers }: Newcomer, signal: Signal): Callers | undefined {
  const { caller, called } = endsOf(signal);
  // What compares with all of the space, or with edges between two groups, says nothing of the caller's peer group.
  const ofGroup = signal.evidence.find(({ group_members }) => group_members !== undefined);
  if (ofGroup === undefined || ofGroup.group === null || called === null || caller !== signal.agent)
    return undefined;
  const { detector, group, group_members: groupMembers = 0 } = ofGroup;
  const isListed = callers.some(([agent]) => agent === caller);
  if (!isListed && callers.length < callersMax) callers.push([caller, group]);
  const agents = callers.flatMap(([agent, of]) => (of === group ? [agent] : []));
  const members = agents.length;
  if (members < membersMin) return undefined;
  return { group, detector, peer: called, members, of: Math.max(groupMembers, members), agents };
}
