import { partitionOf } from './partition.ts';

/** The partition of an agent id. */
export type Partitioner = (agent: string) => number;

/** Agents whose partition is remembered, twice over; the hash of one takes longer than looking it up. */
const rememberedMax = 50_000;

/** `partitionOf` for a fixed number of partitions, with a memory for the agents that were asked for last. */
export function createPartitioner(partitions: number): Partitioner {
  let recent = new Map<string, number>();
  let older = new Map<string, number>();
  return (agent) => {
    const known = recent.get(agent);
    if (known !== undefined) return known;
    const partition = older.get(agent) ?? partitionOf(agent, partitions);
    if (recent.size >= rememberedMax) {
      older = recent;
      recent = new Map();
    }
    recent.set(agent, partition);
    return partition;
  };
}
