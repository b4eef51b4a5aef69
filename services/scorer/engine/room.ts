import type { Agents } from '../baseline/members/agents.ts';
import type { Edges } from '../baseline/tables/edges.ts';
import type { StateReader, StateWriter } from '../state.ts';

/**
 * Keeps agents and edges within their limits: those idle for longest, by the event time of their space, are forgotten
 * first.
 */
export interface Room {
  /** Makes room for one more event: two agents and an edge. Cheap while there is room. */
  make(): void;
  /** Agents and edges forgotten so far. */
  readonly forgotten: number;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

interface RoomOptions {
  readonly agents: Agents;
  readonly edges: Edges;
  /** Event time of an edge's newest event. */
  readonly edgeTime: (edge: number) => number;
  /** How far event time has come where an agent is. */
  readonly now: (agent: number) => number;
  /** Takes away all that is known under the slots, which others will get. The slots still have their owners. */
  readonly forget: (agents: ReadonlySet<number>, edges: readonly number[]) => void;
  readonly agentsMax: number;
  readonly edgesMax: number;
}

// Finding the idlest looks at all of them: so many at once keep its cost small for each.
const batchShare = 1 / 16;
const agentsPerEvent = 2;

export function createRoom(options: RoomOptions): Room {
  const { agents, edges, agentsMax, edgesMax, now } = options;
  let forgotten = 0;

  const agentIdleMs = (agent: number) => now(agent) - agents.lastSeen(agent);
  const edgeIdleMs = (edge: number) => now(edges.source(edge)) - options.edgeTime(edge);
  const forget = (leaving: ReadonlySet<number>, leavingEdges: readonly number[]) => {
    options.forget(leaving, leavingEdges);
    for (const edge of leavingEdges) edges.release(edge);
    for (const agent of leaving) agents.release(agent);
    forgotten += leaving.size + leavingEdges.length;
  };
  const edgesOf = (slots: ReadonlySet<number>) =>
    edges.slots().filter((edge) => slots.has(edges.source(edge)) || slots.has(edges.destination(edge)));
  return {
    make: () => {
      if (agents.count + agentsPerEvent > agentsMax) {
        const leaving = new Set(idlest(agents.slots(), agentIdleMs, agentsMax));
        forget(leaving, edgesOf(leaving));
      }
      if (edges.count + 1 > edgesMax) forget(new Set(), idlest(edges.slots(), edgeIdleMs, edgesMax));
    },
    get forgotten() {
      return forgotten;
    },
    save: (state) => state.value('forgotten', forgotten),
    restore: (state) => {
      forgotten = Number(state.value('forgotten') ?? 0);
    },
  };
}

/** The slots that have rested longest; of those equally long, the lower ones. */
function idlest(slots: readonly number[], idleMs: (slot: number) => number, max: number): readonly number[] {
  const batch = Math.max(agentsPerEvent, Math.ceil(max * batchShare));
  return slots.toSorted((a, b) => idleMs(b) - idleMs(a) || a - b).slice(0, batch);
}
