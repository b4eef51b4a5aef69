import { randomUUID } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { Session } from './embedded-session.ts';
import type { EmbeddedStore, GroupState } from './embedded-store.ts';
import { stickyAssignment } from './sticky-assignment.ts';

/** One member's view of its group. Units are partition numbers: a member reads that number of every topic. */
export interface Membership {
  /** Joins, removes the dead, claims free units that are due to us. Cheap when nothing has changed. */
  balance(): Promise<Shares>;
  /** Gives units back, for whom they are due to. */
  release(units: readonly number[]): Promise<void>;
  /** Throws when the unit is another member's. Inside `store.write`. */
  assertOwner(unit: number): void;
  leave(): Promise<void>;
}

export interface Shares {
  /** Units that nobody else reads: ours until we release them or are taken for dead. */
  readonly owned: readonly number[];
  /** Units that are ours by fair division; what is owned but not due should be released. */
  readonly due: readonly number[];
}

interface MembershipOptions {
  readonly store: EmbeddedStore;
  readonly session: Session;
  readonly group: string;
  readonly topics: readonly string[];
  /** Partition numbers of the topic that has most. */
  readonly units: readonly number[];
}

/**
 * The group lives in the store: its members, and the owner of each unit. There is no leader: members compute the
 * same division, release what is not due to them and claim what is due and free, each in a transaction.
 */
export function createMembership({ store, session, group, topics, units }: MembershipOptions): Membership {
  const id = randomUUID();
  let known: { version: number; shares: Shares } | undefined;

  const divide = (state: GroupState, dead: ReadonlySet<string>): Shares => {
    const members = Object.fromEntries(
      Object.entries(state.members).filter(([, memberSession]) => !dead.has(memberSession)),
    );
    const others = Object.keys(members).filter((member) => member !== id);
    if (others.length > 0 && state.topics.join() !== topics.join())
      throw new AppError('CONFLICT', `group ${group} reads ${state.topics.join()}, not ${topics.join()}`);
    members[id] = session.id;
    const owners = Object.fromEntries(Object.entries(state.owners).filter(([, owner]) => owner in members));
    const target = stickyAssignment(
      units,
      Object.keys(members),
      new Map(Object.entries(owners).map(([unit, owner]) => [Number(unit), owner])),
    );
    const due = units.filter((unit) => target.get(unit) === id);
    for (const unit of due) owners[unit] ??= id;
    const next = { version: state.version, topics, members, owners };
    const version = isSame(state, next) ? state.version : state.version + 1;
    if (version !== state.version) store.putGroup(group, { ...next, version });
    const shares = { owned: units.filter((unit) => owners[unit] === id), due };
    known = { version, shares };
    return shares;
  };
  const change = (edit: (state: GroupState) => Partial<GroupState>) =>
    store.write(() => {
      const state = store.group(group);
      if (state === undefined) return;
      store.putGroup(group, { ...state, ...edit(state), version: state.version + 1 });
    });
  const without = (
    record: Readonly<Record<string, string>>,
    isDropped: (key: string, value: string) => boolean,
  ) => Object.fromEntries(Object.entries(record).filter(([key, value]) => !isDropped(key, value)));

  return {
    balance: async () => {
      const state = store.group(group);
      const dead = await deadSessions(state, session);
      if (known !== undefined && state?.version === known.version && dead.size === 0) return known.shares;
      return store.write(() => divide(store.group(group) ?? { ...emptyGroup, topics }, dead));
    },
    release: (released) =>
      change((state) => ({
        owners: without(state.owners, (unit, owner) => owner === id && released.includes(Number(unit))),
      })),
    assertOwner: (unit) => {
      if (store.group(group)?.owners[unit] === id) return;
      throw new AppError('CONFLICT', `partition ${unit} is not ours any more in group ${group}`);
    },
    leave: () =>
      change((state) => ({
        members: without(state.members, (member) => member === id),
        owners: without(state.owners, (_unit, owner) => owner === id),
      })),
  };
}

const emptyGroup: GroupState = { version: 0, topics: [], members: {}, owners: {} };

async function deadSessions(state: GroupState | undefined, session: Session): Promise<ReadonlySet<string>> {
  const sessions = [...new Set(Object.values(state?.members ?? {}))];
  const alive = await Promise.all(sessions.map((id) => session.isAlive(id)));
  return new Set(sessions.filter((_, i) => alive[i] === false));
}

function isSame(a: GroupState, b: GroupState): boolean {
  return JSON.stringify([a.topics, a.members, a.owners]) === JSON.stringify([b.topics, b.members, b.owners]);
}
