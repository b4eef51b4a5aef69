import type { Cluster } from 'kafkajs';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Membership, Waker } from './group-backend.ts';
import { kindOf } from './kafka-client.ts';
import {
  commitOffset,
  type GroupBroker,
  type JoinRequest,
  joinGroup,
  type MemberIdentity,
} from './kafka-group-protocol.ts';
import { createPatience, type Patience } from './kafka-patience.ts';
import type { Committed, TopicPartition } from './log.ts';

export interface KafkaMembership extends Membership {
  /** Waits for a broker to take it. Rejects with CONFLICT when the partition is another member's by now. */
  commit(part: TopicPartition, committed: Committed): Promise<void>;
  /** With the group's brokers; limited when the subscription is to stop. */
  readonly patience: Patience;
}

interface MembershipOptions extends JoinRequest {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly waker: Waker;
}

const heartbeatMs = 500;
const retryMs = 100;
const joinMsMax = 30_000;

/** Errors after which the group knows us no more: whatever we owned may be another member's. */
const expulsions = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'];
const noMember: MemberIdentity = { id: '', generation: -1 };

/** What the heart and its owner share. */
interface GroupState {
  member: MemberIdentity;
  readonly owned: Set<number>;
  due: readonly number[];
  mustJoin: boolean;
  /** Expelled, and not joined again before everything that we read has stopped: `untold`, then `told`. */
  expulsion: 'untold' | 'told' | undefined;
  coordinator: GroupBroker | undefined;
}

/**
 * A member of a Kafka group that rebalances cooperatively (KIP-429): members tell what they own when they join, the
 * leader withholds what moves from its new owner until the old one has given it back and joined again. So reading
 * goes on through a rebalance, and a hand-over waits for `onRevoked`. kafkajs's own consumer can do neither.
 */
export function createKafkaMembership(options: MembershipOptions): KafkaMembership {
  const { cluster, clock, waker, group } = options;
  const state: GroupState = {
    member: noMember,
    owned: new Set(),
    due: [],
    mustJoin: true,
    expulsion: undefined,
    coordinator: undefined,
  };
  const heart = createHeart(options, state);
  // The coordinator may have moved, or the group gone on: the heart will see, then the next try is right.
  const patience = createPatience(clock, () => {
    state.coordinator = undefined;
    heart.hurry();
  });
  let isJoined = false;
  return {
    balance: async () => {
      if (!isJoined) {
        patience.limit(joinMsMax);
        await patience.persist(`cannot join the group ${group}`, heart.join);
        patience.lift();
        heart.start();
        isJoined = true;
      }
      // Asked a second time: the caller has stopped whatever it read when it was told the first time.
      if (state.expulsion === 'told') {
        state.expulsion = undefined;
        heart.hurry();
      } else if (state.expulsion === 'untold') {
        state.expulsion = 'told';
        waker.wake();
      }
      return { owned: [...state.owned], due: state.due };
    },
    release: async (units) => {
      for (const unit of units) state.owned.delete(unit);
      state.mustJoin = true;
      heart.hurry();
    },
    leave: async () => {
      await heart.stop();
      if (state.member.id === '') return;
      const broker = await coordinatorOf(cluster, group, state);
      // A coordinator that is away will see our session end.
      await broker.leaveGroup({ groupId: group, memberId: state.member.id }).catch(() => undefined);
    },
    commit: async (part, committed) => {
      const { topic, partition } = part;
      await patience.persist(`cannot commit in group ${group}`, async () => {
        if (!state.owned.has(partition))
          throw new AppError('CONFLICT', `${topic}/${partition} is not ours in group ${group} any more`);
        const broker = await coordinatorOf(cluster, group, state);
        await commitOffset(broker, group, state.member, { ...part, ...committed });
      });
    },
    patience,
  };
}

async function coordinatorOf(cluster: Cluster, groupId: string, state: GroupState): Promise<GroupBroker> {
  state.coordinator ??= (await cluster.findGroupCoordinator({ groupId })) as GroupBroker;
  return state.coordinator;
}

/** Keeps the membership alive, whatever the consumer is busy with: joins, beats, joins again when the group changes. */
function createHeart(options: MembershipOptions, state: GroupState) {
  const { cluster, clock, logger, waker, group } = options;
  const ending = new AbortController();
  let nudge = new AbortController();
  let alive: Promise<void> | undefined;
  const join = async () => {
    const broker = await coordinatorOf(cluster, group, state);
    state.mustJoin = false; // A release from now on asks for another join.
    const { member, due } = await joinGroup(broker, options, state.member, [...state.owned]);
    state.member = member;
    state.due = due;
    for (const unit of due) state.owned.add(unit);
    logger.debug({ group, generation: member.generation, due }, 'joined the group');
    waker.wake();
  };
  const beat = async () => {
    const { member, mustJoin } = state;
    try {
      if (mustJoin) return await join();
      const broker = await coordinatorOf(cluster, group, state);
      await broker.heartbeat({ groupId: group, groupGenerationId: member.generation, memberId: member.id });
    } catch (error) {
      const kind = kindOf(error);
      logger.debug({ group, kind }, 'the group changes, or its coordinator is away');
      state.mustJoin ||= mustJoin || kind === 'REBALANCE_IN_PROGRESS';
      if (expulsions.includes(kind)) expel(state);
      if (kind !== 'REBALANCE_IN_PROGRESS') {
        state.coordinator = undefined;
        await cluster.refreshMetadata().catch(() => undefined);
      }
      waker.wake();
    }
  };
  const live = async () => {
    while (!ending.signal.aborted) {
      const cut = AbortSignal.any([ending.signal, nudge.signal]);
      await clock.sleep(state.mustJoin ? retryMs : heartbeatMs, cut).catch(() => undefined); // or nudged, or ended
      nudge = new AbortController();
      if (!ending.signal.aborted && state.expulsion === undefined) await beat();
    }
  };
  return {
    join,
    start: () => {
      alive = live();
    },
    hurry: () => nudge.abort(),
    stop: async () => {
      ending.abort();
      await alive;
    },
  };
}

function expel(state: GroupState): void {
  // Owning nothing, we have nothing to stop and may join again at once.
  state.expulsion = state.owned.size === 0 ? undefined : 'untold';
  state.owned.clear();
  state.due = [];
  state.member = noMember;
  state.mustJoin = true;
}
