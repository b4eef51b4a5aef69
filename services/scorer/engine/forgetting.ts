import type { FirstSeenTable } from '../baseline/categories/first-seen.ts';
import type { Ranks } from '../baseline/categories/ranks.ts';
import type { Agents } from '../baseline/members/agents.ts';
import type { Versions } from '../baseline/members/versions.ts';
import type { Visit } from '../baseline/tables/belongings.ts';
import type { Edges } from '../baseline/tables/edges.ts';
import type { Records } from '../baseline/tables/records.ts';
import { type Attic, createMemoryAttic } from './attic.ts';
import { createEvictions } from './evictions.ts';
import type { Watch } from './judge.ts';
import { createRoom, type Room } from './room.ts';
import type { Signals } from './signals.ts';
import type { SpaceClocks } from './space-clocks.ts';

/** Keeps the room, stores whom there is no room for, and knows everybody again who returns. */
export interface Forgetting {
  readonly room: Room;
  /** An agent, an edge was just given a slot: what was stored of it is put back. */
  welcomeAgent(agent: number): void;
  welcomeEdge(edge: number): void;
  /** Agents and edges that found their baseline again. */
  readonly returned: number;
}

/** 100,000 agents fit in one process; a million are ten partitions'. */
const agentsMaxDefault = 100_000;
const edgesPerAgent = 10; // on the average; hubs have more, leaves fewer

interface ForgettingParts {
  readonly tables: {
    readonly agents: Agents;
    readonly edges: Edges;
    readonly callers: Ranks;
    readonly firstSeen: FirstSeenTable;
    readonly versions: Versions;
    readonly latest: Records;
    readonly clocks: SpaceClocks;
  };
  readonly watches: readonly Watch[];
  readonly signals: Signals;
  readonly options: { readonly agentsMax?: number; readonly edgesMax?: number; readonly attic?: Attic };
}

export function createForgetting({ tables, watches, signals, options }: ForgettingParts): Forgetting {
  const { agents, edges, callers, clocks, firstSeen, latest, versions } = tables;
  const agentsMax = options.agentsMax ?? agentsMaxDefault;
  const edgesMax = options.edgesMax ?? agentsMax * edgesPerAgent;
  // As many again as are known: more than one process has memory for should lie on disk.
  const evictions = createEvictions(options.attic ?? createMemoryAttic(agentsMax + edgesMax));
  const now = (agent: number) => clocks.of(agents.population(agent));
  const agentOwner = (agent: number) => ({
    name: `agent\n${agents.space(agent)}\n${agents.id(agent)}`,
    time: now(agent),
    walk: (visit: Visit) => {
      agents.belongings(agent, visit);
      callers.belongings(agent, visit);
      for (const { model } of watches) model.agentBelongings?.(agent, visit);
    },
  });
  const edgeOwner = (edge: number) => {
    const [source, destination] = [edges.source(edge), edges.destination(edge)];
    return {
      name: `edge\n${agents.space(source)}\n${agents.id(source)}\n${agents.id(destination)}`,
      time: now(source),
      walk: (visit: Visit) => {
        visit.row(latest, edge);
        firstSeen.edgeBelongings(edge, visit);
        for (const { model } of watches) model.edgeBelongings?.(edge, visit);
      },
    };
  };
  const room = createRoom({
    agents,
    edges,
    agentsMax,
    edgesMax,
    edgeTime: (edge) => latest.data[latest.at(edge)] ?? 0,
    now,
    forget: (leavingAgents, leavingEdges) => {
      evictions.evict([...leavingEdges.map(edgeOwner), ...[...leavingAgents].map(agentOwner)]);
      for (const edge of leavingEdges) for (const { model } of watches) model.forgetEdge?.(edge);
      firstSeen.forgetAgents(leavingAgents);
      for (const agent of leavingAgents) {
        versions.forget(agent);
        signals.forgetAgent(agent);
        for (const { model } of watches) model.forgetAgent?.(agent);
      }
    },
  });
  return {
    room,
    welcomeAgent: (agent) => evictions.welcome(agentOwner(agent)),
    welcomeEdge: (edge) => evictions.welcome(edgeOwner(edge)),
    get returned() {
      return evictions.returned;
    },
  };
}
