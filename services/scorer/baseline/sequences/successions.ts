import { emptySuccession, logSuccession, type SuccessionNumbers } from '#shared/explain/succession.ts';
import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import type { Visit } from '../tables/belongings.ts';
import { createPairs } from '../tables/pairs.ts';
import { createRecords } from '../tables/records.ts';
import { createFollowers, type Followers } from './followers.ts';

/** What came before a step: the contexts that it is looked up in. Below 0: never met. */
export interface Before {
  /** The two newest steps, as the agent itself had them. */
  pair: number;
  /** The newest step, as the agent itself had it. */
  own: number;
  /** The newest step, as its group had it. */
  group: number;
}

/** Whose steps they are. */
interface Walker {
  readonly agent: number;
  readonly group: number;
}

/**
 * Which step follows which, by agent, with the peer group's table behind it: an interpolated model of order two. How
 * new a step is in a context is measured by how often steps were new there, so that a workflow that varies forgives
 * more than one that never does.
 *
 * @source Witten & Bell 1991, IEEE Transactions on Information Theory 37(4), method C; detection reference 2.5
 */
interface Successions {
  /** ln of the step's probability after what came before, times the number of its rivals: 0 for what is common. */
  score(before: Before, group: number, step: number): number;
  /** What `score` is computed from: a copy. */
  numbers(before: Before, group: number, step: number): SuccessionNumbers;
  /** How often the step came after the newest one: by the agent, and by its group. */
  standing(before: Before, step: number): { readonly own: number; readonly members: number };
  /** Writes the contexts after the newest step and the one before it. Changes nothing else. */
  find(into: Before, walker: Walker, newest: number, former: number): void;
  /** The same; makes them where there is room. */
  enter(into: Before, walker: Walker, newest: number, former: number): void;
  learn(before: Before, walker: Walker, step: number, weight: number): void;
  /** Everything that belongs to an agent. */
  belongings(agent: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// Contexts and followers of one agent take 40 bytes each: 5 KB at most. What comes later is not told apart.
const agentNodesMax = 128;
const groupNodesMax = 16_384;

/** @param key under which the tables are saved */
export function createSuccessions(key: string): Successions {
  const contexts = {
    own: createPairs(`${key}_own`),
    pair: createPairs(`${key}_pair`),
    group: createPairs(`${key}_group`),
  };
  const after = {
    own: createFollowers(`${key}_after_own`),
    pair: createFollowers(`${key}_after_pair`),
    group: createFollowers(`${key}_after_group`),
    anything: createFollowers(`${key}_after_anything`), // by group
  };
  const agentNodes = createRecords(`${key}_agent_nodes`, 1);
  const groupNodes = createRecords(`${key}_group_nodes`, 1);
  const parts = [...Object.values(contexts), ...Object.values(after), agentNodes, groupNodes];
  const room = createNodeRoom(agentNodes, agentNodesMax);
  const groupRoom = createNodeRoom(groupNodes, groupNodesMax);
  const taught = { step: 0, weight: 1, hasRoom: true }; // scratch: the hot path allocates nothing
  const read = reader(after);

  return {
    score: (before, group, step) => logSuccession(read(before, group, step)),
    numbers: (before, group, step) => ({ ...read(before, group, step) }),
    standing: (before, step) => ({
      own: after.own.count(before.own, step),
      members: after.group.count(before.group, step),
    }),
    find: (into, { agent, group }, newest, former) => {
      into.own = contexts.own.find(agent, newest);
      into.pair = into.own < 0 ? -1 : contexts.pair.find(into.own, former);
      into.group = contexts.group.find(group, newest);
    },
    enter: (into, { agent, group }, newest, former) => {
      into.own = room.open(contexts.own, agent, agent, newest);
      into.pair = into.own < 0 ? -1 : room.open(contexts.pair, agent, into.own, former);
      into.group = groupRoom.open(contexts.group, group, group, newest);
    },
    learn: (before, { agent, group }, step, weight) => {
      taught.step = step;
      taught.weight = weight;
      taught.hasRoom = room.isLeft(agent);
      if (after.pair.learn(before.pair, taught)) room.take(agent);
      if (after.own.learn(before.own, taught)) room.take(agent);
      taught.hasRoom = groupRoom.isLeft(group);
      if (after.group.learn(before.group, taught)) groupRoom.take(group);
      if (after.anything.learn(group, taught)) groupRoom.take(group);
    },
    belongings: (agent, visit) => {
      visit.row(agentNodes, agent);
      visit.pairs(contexts.own, agent, (one) => {
        after.own.belongings(one, visit);
        visit.pairs(contexts.pair, one, (two) => after.pair.belongings(two, visit));
      });
    },
    ...allOf(parts),
  };
}

type Orders = Readonly<Record<'anything' | 'group' | 'own' | 'pair', Followers>>;

/**
 * What is known of a step after what came before, in one object: the hot path allocates nothing. Every observation
 * counts once, in the most particular table that holds it: a step that is new after two steps would else be called
 * unlikely once more by each table that holds the same history.
 */
function reader({ anything, group: ofGroup, own, pair }: Orders) {
  const found = emptySuccession();
  return (before: Before, group: number, step: number): SuccessionNumbers => {
    const inPair = pair.count(before.pair, step);
    const inOwn = own.count(before.own, step);
    const inGroup = ofGroup.count(before.group, step);
    const pairTotal = pair.total(before.pair);
    const ownTotal = own.total(before.own);
    const groupTotal = ofGroup.total(before.group);
    found.pairCount = inPair;
    found.pairTotal = pairTotal;
    found.pairKinds = pair.distinct(before.pair);
    found.ownCount = beyond(inOwn, inPair);
    found.ownTotal = beyond(ownTotal, pairTotal);
    found.ownKinds = own.distinct(before.own);
    found.groupCount = beyond(inGroup, inOwn);
    found.groupTotal = beyond(groupTotal, ownTotal);
    found.groupKinds = ofGroup.distinct(before.group);
    found.anythingCount = beyond(anything.count(group, step), inGroup);
    found.anythingTotal = beyond(anything.total(group), groupTotal);
    found.anythingKinds = anything.distinct(group);
    return found;
  };
}

/** How much more a table holds than a more particular one; where that had room for more, nothing. */
const beyond = (general: number, particular: number) => Math.max(0, general - particular);

/** Keeps the contexts and followers of one owner within a limit. */
function createNodeRoom(nodes: ReturnType<typeof createRecords>, nodesMax: number) {
  const isLeft = (owner: number) => (nodes.data[nodes.at(owner)] ?? 0) < nodesMax;
  const take = (owner: number) => {
    const at = nodes.at(owner);
    nodes.data[at] = (nodes.data[at] ?? 0) + 1;
  };
  return {
    isLeft,
    take,
    /** The context of a step after another, made while there is room; else -1. */
    open: (contexts: ReturnType<typeof createPairs>, owner: number, after: number, step: number): number => {
      const known = contexts.find(after, step);
      if (known >= 0) return known;
      if (!isLeft(owner)) return -1;
      take(owner);
      return contexts.intern(after, step);
    },
  };
}
