import type { Signal } from '#shared/signal.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { isOfMeasure, seenBy } from './case-keys.ts';

/**
 * What else the members of a change show: a release makes them slower, wordier and busier, and that is one change,
 * whatever the tests that see it. What at least two members show, at either end of their calls, is a part of it. Who
 * shows it twice as strongly as every other has a reason of its own, and so has what is no matter of more or less: a
 * new peer, a new action, a broken rule.
 */
export interface Aftermath {
  /** The case of this id is, or still is, a change of these agents. */
  mark(caseId: string, members: Iterable<string>, signal: Signal): void;
  /** Id of the case of the change that the signal is a part of. Takes note of what it shows. */
  caseOf(signal: Signal): string | undefined;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

interface Change {
  readonly space: string;
  readonly members: Set<string>;
  readonly from: number;
  /** When its members were last heard of as such. */
  to: number;
  /** By detector: the strongest score of each member that showed it. */
  readonly shown: Map<string, Map<string, number>>;
}

const lastsMs = 86_400_000; // a release shows within its first day: the nightly jobs have run by then
const lastsMsMax = 7 * lastsMs;
const rolloutMs = 2 * 3_600_000; // one release reaches all that it is for within as much before or after
/** Who is so many times as unusual as everybody else in a change has a reason of its own. */
export const outlierFactor = 2;
const changesMax = 100; // beyond it the oldest is forgotten
const membersMax = 1000; // of one change; what comes beyond stands apart

/** @param isKnown is there still a case of this id? */
export function createAftermath(isKnown: (caseId: string) => boolean): Aftermath {
  let changes = new Map<string, Change>(); // by the id of the case
  const isOver = (caseId: string, { from, to }: Change, time: number) =>
    time - to > lastsMs || time - from > lastsMsMax || !isKnown(caseId);
  return {
    mark: (caseId, members, { space, time }) => {
      const change = changes.get(caseId) ?? openChange(space, time);
      change.to = Math.max(change.to, time);
      for (const member of members) if (change.members.size < membersMax) change.members.add(member);
      changes.set(caseId, change);
      if (changes.size > changesMax) changes.delete(changes.keys().next().value ?? '');
    },
    caseOf: (signal) => {
      if (!isOfMeasure(signal)) return undefined;
      for (const [caseId, change] of changes) {
        if (isOver(caseId, change, signal.time)) {
          changes.delete(caseId);
          continue;
        }
        const member = memberOf(change, signal);
        if (member !== undefined) return isShared(change, member, signal) ? caseId : undefined;
      }
      return undefined;
    },
    save: (state) => state.value('aftermath', [...changes].map(savedChange)),
    restore: (state) => {
      changes = new Map(((state.value('aftermath') ?? []) as SavedChange[]).map(revivedChange));
    },
  };
}

const openChange = (space: string, time: number): Change => ({
  space,
  members: new Set(),
  from: time,
  to: time,
  shown: new Map(),
});

function memberOf(change: Change, signal: Signal): string | undefined {
  const { space, members } = change;
  const { agent, peer, space: of } = signal;
  if (space !== of) return undefined;
  return (
    [agent, peer].find((end): end is string => end !== null && members.has(end)) ??
    releasedWith(change, signal)
  );
}

/** Who has a new version since about when the members changed is one of them. */
function releasedWith({ from }: Change, { evidence }: Signal): string | undefined {
  const release = evidence[0]?.release;
  return release !== undefined && Math.abs(release.at - from) <= rolloutMs ? release.agent : undefined;
}

/** Did another member show the same, and at least half as strongly? */
function isShared({ shown }: Change, member: string, signal: Signal): boolean {
  const detector = seenBy(signal)?.detector ?? '';
  const scores = shown.get(detector) ?? new Map<string, number>();
  shown.set(detector, scores);
  scores.set(member, Math.max(signal.score, scores.get(member) ?? 0));
  return [...scores].some(([other, most]) => other !== member && signal.score <= outlierFactor * most);
}

type SavedChange = readonly [
  string,
  Omit<Change, 'members' | 'shown'> & {
    readonly members: readonly string[];
    readonly shown: readonly [string, [string, number][]][];
  },
];

const savedChange = ([caseId, change]: [string, Change]): SavedChange => [
  caseId,
  {
    ...change,
    members: [...change.members],
    shown: [...change.shown].map(([detector, scores]) => [detector, [...scores]]),
  },
];

const revivedChange = ([caseId, saved]: SavedChange): [string, Change] => [
  caseId,
  {
    ...saved,
    members: new Set(saved.members),
    shown: new Map(saved.shown.map(([detector, scores]) => [detector, new Map(scores)])),
  },
];
