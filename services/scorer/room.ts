import type { Agents } from './baseline/agents.ts';
import type { Edges } from './baseline/edges.ts';
import type { StateReader, StateWriter } from './state.ts';

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
  /** Clears all that is known under a slot, which another will get. */
  readonly forgetAgents: (slots: ReadonlySet<number>) => void;
  readonly forgetEdge: (edge: number) => void;
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
  const forgetEdge = (edge: number) => {
    options.forgetEdge(edge);
    edges.release(edge);
    forgotten += 1;
  };
  const forgetAgents = () => {
    const slots = new Set(idlest(agents.slots(), agentIdleMs, agentsMax));
    for (const edge of edges.slots()) {
      if (slots.has(edges.source(edge)) || slots.has(edges.destination(edge))) forgetEdge(edge);
    }
    options.forgetAgents(slots);
    for (const agent of slots) agents.release(agent);
    forgotten += slots.size;
  };
  return {
    make: () => {
      if (agents.count + agentsPerEvent > agentsMax) forgetAgents();
      if (edges.count + 1 > edgesMax) {
        for (const edge of idlest(edges.slots(), edgeIdleMs, edgesMax)) forgetEdge(edge);
      }
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
