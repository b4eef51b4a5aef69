/** Whom an agent can reach, and in how many steps. */
interface BlastRadius {
  readonly agent: string;
  /** Agents first reached in one hop, two hops, ...; never the agent itself. */
  readonly by_hops: readonly number[];
  readonly reachable: number;
  /** Some of those that are reached, nearest first. */
  readonly nearest: readonly { readonly agent: string; readonly hops: number }[];
}

const nearestMax = 100;

/** Who may call whom, for questions about reach. */
export interface ReachGraph {
  /** @param hopsMax how far to follow, at least 1 */
  radiusOf(agent: string, hopsMax: number): BlastRadius;
}

/**
 * Builds the graph of who calls, or may call, whom. Following one agent costs the edges within its reach.
 *
 * @param edges directed, caller first; a repeated edge counts once
 */
export function reachGraph(edges: Iterable<readonly [source: string, destination: string]>): ReachGraph {
  const next = new Map<string, Set<string>>();
  for (const [source, destination] of edges) {
    const peers = next.get(source);
    if (peers === undefined) next.set(source, new Set([destination]));
    else peers.add(destination);
  }
  return {
    radiusOf: (agent, hopsMax) => {
      const hopsOf = new Map([[agent, 0]]);
      const byHops: number[] = [];
      let frontier: readonly string[] = [agent];
      for (let hops = 1; hops <= hopsMax && frontier.length > 0; hops += 1) {
        const reached: string[] = [];
        for (const at of frontier) {
          for (const peer of next.get(at) ?? []) {
            if (hopsOf.has(peer)) continue;
            hopsOf.set(peer, hops);
            reached.push(peer);
          }
        }
        if (reached.length > 0) byHops.push(reached.length);
        frontier = reached;
      }
      const nearest = [...hopsOf].slice(1, nearestMax + 1).map(([peer, hops]) => ({ agent: peer, hops }));
      return { agent, by_hops: byHops, reachable: hopsOf.size - 1, nearest };
    },
  };
}
