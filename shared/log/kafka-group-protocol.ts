import { AssignerProtocol, type Broker } from 'kafkajs';
import type { Committed, TopicPartition } from './log.ts';
import { stickyAssignment } from './sticky-assignment.ts';

const { MemberMetadata, MemberAssignment } = AssignerProtocol;

/** The requests of the group protocol that kafkajs has and its types leave out. */
export type GroupBroker = Broker & {
  joinGroup(request: {
    groupId: string;
    sessionTimeout: number;
    rebalanceTimeout: number;
    memberId: string;
    groupProtocols: readonly { name: string; metadata: Buffer }[];
  }): Promise<JoinedGroup>;
  syncGroup(request: {
    groupId: string;
    generationId: number;
    memberId: string;
    groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[];
  }): Promise<{ memberAssignment: Buffer }>;
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
};

interface JoinedGroup {
  readonly generationId: number;
  readonly leaderId: string;
  readonly memberId: string;
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
}

/** Who we are to the group's coordinator; an empty id before the first join. */
export interface MemberIdentity {
  readonly id: string;
  readonly generation: number;
}

export interface JoinRequest {
  readonly group: string;
  readonly topics: readonly string[];
  /** Partitions of the topic that has most, asked when we lead the group. */
  readonly unitsMax: () => Promise<number>;
}

const assignerName = 'amiss-cooperative-sticky';
const rebalanceMsMax = 60_000;

/** Silence after which the coordinator gives a member's partitions to others. */
const sessionMsMax = 10_000;

/**
 * Joins the group (again), telling what we own, and learns what is due to us. As the leader it divides for all.
 *
 * @returns our identity from now on, and the partition numbers that are ours
 */
export async function joinGroup(
  broker: GroupBroker,
  { group, topics, unitsMax }: JoinRequest,
  member: MemberIdentity,
  owned: readonly number[],
): Promise<{ readonly member: MemberIdentity; readonly due: readonly number[] }> {
  const userData = Buffer.from(JSON.stringify({ owned }));
  const metadata = MemberMetadata.encode({ version: 1, topics: [...topics], userData });
  const joined = await broker.joinGroup({
    groupId: group,
    sessionTimeout: sessionMsMax,
    rebalanceTimeout: rebalanceMsMax,
    memberId: member.id,
    groupProtocols: [{ name: assignerName, metadata }],
  });
  const { memberId, generationId, leaderId, members } = joined;
  const groupAssignment = leaderId === memberId ? divide(members, topics, await unitsMax()) : [];
  const synced = await broker.syncGroup({ groupId: group, generationId, memberId, groupAssignment });
  const assignment = MemberAssignment.decode(synced.memberAssignment)?.assignment ?? {};
  const due = [...new Set(topics.flatMap((topic) => assignment[topic] ?? []))].sort((a, b) => a - b);
  return { member: { id: memberId, generation: generationId }, due };
}

/** Stores a group's place in a partition; the coordinator refuses it from whoever is no member of this generation. */
export async function commitOffset(
  broker: GroupBroker,
  group: string,
  { id: memberId, generation: groupGenerationId }: MemberIdentity,
  { topic, partition, offset, metadata }: TopicPartition & Committed,
): Promise<void> {
  const topics = [{ topic, partitions: [{ partition, offset: String(offset), metadata }] }];
  await broker.offsetCommit({ groupId: group, memberId, groupGenerationId, topics });
}

/** The leader's answer: a fair division, less what another member has still to give back. */
function divide(members: JoinedGroup['members'], topics: readonly string[], unitsMax: number) {
  const units = Array.from({ length: unitsMax }, (_, unit) => unit);
  const owners = new Map<number, string>();
  for (const { memberId, memberMetadata } of members)
    for (const unit of decodeOwned(memberMetadata)) owners.set(unit, memberId);
  const ids = members.map(({ memberId }) => memberId);
  const target = stickyAssignment(units, ids, owners);
  return ids.map((memberId) => {
    const mine = units.filter(
      (unit) => target.get(unit) === memberId && (owners.get(unit) ?? memberId) === memberId,
    );
    const assignment = Object.fromEntries(topics.map((topic) => [topic, mine]));
    return {
      memberId,
      memberAssignment: MemberAssignment.encode({ version: 1, assignment, userData: noBytes }),
    };
  });
}
const noBytes = Buffer.alloc(0);

function decodeOwned(metadata: Buffer): readonly number[] {
  const text = MemberMetadata.decode(metadata)?.userData.toString() ?? '';
  if (text === '') return [];
  return (JSON.parse(text) as { owned: readonly number[] }).owned;
}
