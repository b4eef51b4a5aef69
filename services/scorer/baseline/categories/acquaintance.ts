import {
  type AcquaintanceNumbers,
  emptyAcquaintance,
  logAcquaintance,
} from '#shared/explain/acquaintance.ts';
import type { View } from '../../detectors/detector.ts';
import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import type { Visit } from '../tables/belongings.ts';
import { createRecords, type Records } from '../tables/records.ts';

/**
 * How readily an agent meets somebody new, as a caller and as the called: the share of its minutes with a peer that
 * were the first with that peer. Good and Turing's measure, with the group's share as prior.
 */
export interface Acquaintance {
  /** Did this end of the edge never see it? */
  isNew(view: View): boolean;
  /** ln of the chance that a minute of either end is with somebody new: the less likely end's, of two. */
  newness(view: View): number;
  /** What `newness` is computed from: a copy. */
  numbers(view: View): AcquaintanceNumbers;
  /** Takes the view in; true when it began a minute of the edge. */
  learn(view: View): boolean;
  agentBelongings(agent: number, visit: Visit): void;
  edgeBelongings(edge: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const minuteMs = 60_000;
/** Fields of an agent or a group, by side: minutes with a peer, and how many were the first. */
const minutes = 0;
const firsts = 1;
const fields = 2;
// By edge and side: the newest minute that was counted + 1.
const sides = 2;

export function createAcquaintance(): Acquaintance {
  const edges = createRecords('met', sides);
  const agents = createRecords('meetings', sides * fields);
  const groups = createRecords('group-meetings', sides * fields);
  const parts = [edges, agents, groups];
  const found = emptyAcquaintance(); // scratch: the hot path allocates nothing
  const field = (table: Records, slot: number, side: View['side'], name: number) =>
    table.data[table.at(slot) + offsetOf(side) * fields + name] ?? 0;
  const read = ({ agent, group, peer, peerGroup, side }: View) => {
    const other = side === 'source' ? 'destination' : 'source';
    found.firsts = field(agents, agent, side, firsts);
    found.minutes = field(agents, agent, side, minutes);
    found.groupFirsts = field(groups, group, side, firsts);
    found.groupMinutes = field(groups, group, side, minutes);
    found.peerFirsts = field(agents, peer, other, firsts);
    found.peerMinutes = field(agents, peer, other, minutes);
    found.peerGroupFirsts = field(groups, peerGroup, other, firsts);
    found.peerGroupMinutes = field(groups, peerGroup, other, minutes);
  };
  const add = (table: Records, slot: number, side: View['side'], wasNew: boolean) => {
    const at = table.at(slot) + offsetOf(side) * fields;
    table.data[at + minutes] = (table.data[at + minutes] ?? 0) + 1;
    if (wasNew) table.data[at + firsts] = (table.data[at + firsts] ?? 0) + 1;
  };
  return {
    isNew: (view) => (edges.data[edges.at(view.edge) + offsetOf(view.side)] ?? 0) === 0,
    newness: (view) => {
      read(view);
      return logAcquaintance(found);
    },
    numbers: (view) => {
      read(view);
      return { ...found };
    },
    learn: (view) => {
      const at = edges.at(view.edge) + offsetOf(view.side);
      const minute = Math.floor(view.time / minuteMs) + 1;
      const before = edges.data[at] ?? 0;
      if (before >= minute) return false;
      edges.data[at] = minute;
      add(agents, view.agent, view.side, before === 0);
      add(groups, view.group, view.side, before === 0);
      return true;
    },
    agentBelongings: (agent, visit) => visit.row(agents, agent),
    edgeBelongings: (edge, visit) => visit.row(edges, edge),
    ...allOf(parts),
  };
}

const offsetOf = (side: View['side']) => (side === 'source' ? 0 : 1);
