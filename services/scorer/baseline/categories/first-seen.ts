import type { FirstSeen } from '#shared/signal.ts';
import type { View } from '../../detectors/detector.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import type { Agents } from '../members/agents.ts';
import type { Visit } from '../tables/belongings.ts';
import { createPairs } from '../tables/pairs.ts';
import { createRecords } from '../tables/records.ts';

/** When a peer was first met: by the agent itself, by any of its group, by anybody in the space. */
export interface FirstSeenTable {
  of(view: View): FirstSeen;
  learn(view: View): void;
  forgetAgents(slots: ReadonlySet<number>): void;
  edgeBelongings(edge: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export function createFirstSeen(agents: Agents): FirstSeenTable {
  const edges = createRecords('edges', 1);
  const groupPeers = createPairs('group-peers');
  const groupTimes = createRecords('groups', 1);
  const ownerOf = (view: View) => view.group * 2 + (view.side === 'source' ? 0 : 1);
  return {
    of: (view) => {
      const pair = groupPeers.find(ownerOf(view), view.peer);
      const peerFirst = agents.firstSeen(view.peer);
      return {
        agent: edges.data[edges.at(view.edge * 2 + (view.side === 'source' ? 0 : 1))] || null,
        group: pair < 0 ? null : groupTimes.data[groupTimes.at(pair)] || null,
        space: peerFirst < view.time ? peerFirst : null,
      };
    },
    learn: (view) => {
      const edge = edges.at(view.edge * 2 + (view.side === 'source' ? 0 : 1));
      if ((edges.data[edge] ?? 0) > 0) return; // its groups know it, too
      edges.data[edge] = view.time;
      const pair = groupPeers.intern(ownerOf(view), view.peer);
      const at = groupTimes.at(pair);
      if ((groupTimes.data[at] ?? 0) === 0) groupTimes.data[at] = view.time;
    },
    forgetAgents: (slots) => {
      for (let pair = 0; pair < groupPeers.count; pair += 1) {
        if (slots.has(groupPeers.item(pair))) groupTimes.clear(pair);
      }
    },
    edgeBelongings: (edge, visit) => {
      visit.row(edges, edge * 2);
      visit.row(edges, edge * 2 + 1);
    },
    save: (state) => {
      edges.save(state);
      groupPeers.save(state);
      groupTimes.save(state);
    },
    restore: (state) => {
      edges.restore(state);
      groupPeers.restore(state);
      groupTimes.restore(state);
    },
  };
}
