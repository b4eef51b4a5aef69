import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { createPartitionReader } from './embedded-reader.ts';
import type { Session } from './embedded-session.ts';
import type { EmbeddedStore, GroupState, StoredTopic } from './embedded-store.ts';
import type { GroupBackend, Membership, Shares, Waker } from './group-backend.ts';
import { stickyAssignment } from './sticky-assignment.ts';

/** A membership that can vouch for a unit within a transaction. */
interface EmbeddedMembership extends Membership {
  /** Throws when the unit is another member's. Inside `store.write`. */
  assertOwner(unit: number): void;
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
function createMembership({ store, session, group, topics, units }: MembershipOptions): EmbeddedMembership {
  let id = randomUUID();
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
  const without = (
    record: Readonly<Record<string, string>>,
    isDropped: (key: string, value: string) => boolean,
  ) => Object.fromEntries(Object.entries(record).filter(([key, value]) => !isDropped(key, value)));

  return {
    balance: async () => {
      store.refresh();
      const state = store.group(group);
      if (known !== undefined && state?.members[id] === undefined) {
        // Taken for dead. The caller stops what it reads before we join again, under a new name: until then, and
        // for what still runs under the old one, commits are refused.
        id = randomUUID();
        known = undefined;
        return { owned: [], due: [] };
      }
      const dead = await deadSessions(state, session);
      if (known !== undefined && state?.version === known.version && dead.size === 0) return known.shares;
      return store.write(() => divide(store.group(group) ?? { ...emptyGroup, topics }, dead));
    },
    release: (released) =>
      store.write(() => {
        const state = store.group(group);
        if (state === undefined) return;
        const isReleased = (unit: string, owner: string) => owner === id && released.includes(Number(unit));
        const owners = without(state.owners, isReleased);
        store.putGroup(group, { ...state, owners, version: state.version + 1 });
      }),
    assertOwner: (unit) => {
      if (store.group(group)?.owners[unit] === id) return;
      throw new AppError('CONFLICT', `partition ${unit} is not ours any more in group ${group}`);
    },
    leave: () =>
      store.write(() => {
        const state = store.group(group);
        if (state === undefined) return;
        const members = without(state.members, (member) => member === id);
        const owners = without(state.owners, (_unit, owner) => owner === id);
        if (Object.keys(members).length === 0) store.removeGroup(group);
        else store.putGroup(group, { ...state, members, owners, version: state.version + 1 });
      }),
  };
}

interface BackendOptions {
  readonly store: EmbeddedStore;
  readonly session: Session;
  readonly waker: Waker;
  /** For the age of commits: abandoned groups are forgotten by it. */
  readonly clock: Clock;
  readonly group: string;
  readonly topics: readonly StoredTopic[];
}

/** How a group remembers, divides and reads in the embedded log. */
export function groupBackend({ store, session, waker, clock, group, topics }: BackendOptions): GroupBackend {
  const partitionsMax = Math.max(...topics.map(({ partitions }) => partitions));
  const units = Array.from({ length: partitionsMax }, (_, unit) => unit);
  const names = topics.map(({ name }) => name);
  const membership = createMembership({ store, session, group, topics: names, units });
  const idOf = (name: string) => topics[names.indexOf(name)]?.id ?? 0;
  return {
    membership,
    waker,
    committed: async ({ topic, partition }) => {
      store.refresh();
      const stored = store.commitOf(group, topic, partition);
      return stored && { offset: stored.offset, metadata: stored.metadata };
    },
    commit: ({ topic, partition }, { offset, metadata }) =>
      store.write(() => {
        membership.assertOwner(partition);
        store.putCommit(group, topic, partition, { offset, metadata, at: clock.now() });
      }),
    offsets: async ({ topic, partition }) => {
      store.refresh();
      return store.partition(idOf(topic), partition);
    },
    reader: ({ topic, partition }, start) => createPartitionReader(store, idOf(topic), partition, start),
    persist: (_doing, work) => work(), // a folder that fails does not come back by itself
    halt: () => undefined, // nothing here waits for anybody
    close: async () => undefined,
  };
}

/** Removes groups whose members have all died without leaving; what they committed stays. */
export async function forgetDeadGroups(store: EmbeddedStore, session: Session): Promise<void> {
  for (const name of store.groupNames()) {
    const state = store.group(name);
    const dead = await deadSessions(state, session);
    const isDeserted = Object.values(state?.members ?? {}).every((member) => dead.has(member));
    if (!isDeserted) continue;
    await store.write(() => {
      if (store.group(name)?.version === state?.version) store.removeGroup(name);
    });
  }
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
