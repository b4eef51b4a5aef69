import type { View } from '../../detectors/detector.ts';
import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import { createPairs } from '../tables/pairs.ts';
import { createRecords } from '../tables/records.ts';

/** How many members of a peer group call a destination. */
export interface Prevalence {
  /** Members that call the view's destination, this one among them. */
  callers(view: View): number;
  /** Members that call anybody, this one among them. */
  members(view: View): number;
  /** Takes the first call of an edge in; later ones cost a look. */
  learn(view: View): void;
  forgetAgent(agent: number): void;
  forgetEdge(edge: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** Of callers only: `view.agent` is the source. */
export function createPrevalence(): Prevalence {
  const edges = createRecords('known-edges', 1); // group's pair + 1, 0 = not counted
  const agents = createRecords('known-callers', 1); // group + 1, 0 = not counted
  const pairs = createPairs('called-by-group');
  const callers = createRecords('callers', 1);
  const members = createRecords('members', 1);
  const parts = [edges, agents, pairs, callers, members];
  const add = (table: typeof callers, slot: number, amount: number) => {
    const at = table.at(slot);
    table.data[at] = Math.max(0, (table.data[at] ?? 0) + amount);
  };
  return {
    callers: (view) => {
      const pair = pairs.find(view.group, view.peer);
      const others = pair < 0 ? 0 : (callers.data[callers.at(pair)] ?? 0);
      return others + ((edges.data[edges.at(view.edge)] ?? 0) > 0 ? 0 : 1);
    },
    members: (view) => {
      const others = members.data[members.at(view.group)] ?? 0;
      return others + ((agents.data[agents.at(view.agent)] ?? 0) > 0 ? 0 : 1);
    },
    learn: (view) => {
      const edge = edges.at(view.edge);
      if ((edges.data[edge] ?? 0) > 0) return;
      const pair = pairs.intern(view.group, view.peer);
      edges.data[edge] = pair + 1;
      add(callers, pair, 1);
      const agent = agents.at(view.agent);
      if ((agents.data[agent] ?? 0) > 0) return;
      agents.data[agent] = view.group + 1;
      add(members, view.group, 1);
    },
    forgetAgent: (agent) => {
      const group = (agents.data[agents.at(agent)] ?? 0) - 1;
      if (group >= 0) add(members, group, -1);
      agents.clear(agent);
    },
    forgetEdge: (edge) => {
      const pair = (edges.data[edges.at(edge)] ?? 0) - 1;
      if (pair >= 0) add(callers, pair, -1);
      edges.clear(edge);
    },
    ...allOf(parts),
  };
}
