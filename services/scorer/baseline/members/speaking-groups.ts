import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import { createRecords } from '../tables/records.ts';

/** Peer groups as those who are heard: how many of their members ever spoke, and who spoke last. */
interface SpeakingGroups {
  hear(group: number, agent: number, space: number): void;
  /** Agents of the group that have spoken and are known. */
  members(group: number): number;
  /** The one that spoke last. */
  agentOf(group: number): number;
  spaceOf(group: number): number;
  forget(agent: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** Fields of a group. */
const last = 0; // the agent that spoke last
const count = 1;
const space = 2;
const width = 3;

/** @param key under which they are saved */
export function createSpeakingGroups(key: string): SpeakingGroups {
  const groups = createRecords(key, width);
  const homes = createRecords(`${key}-homes`, 1); // by agent: its group + 1; 0 = it never spoke
  const field = (group: number, name: number) => groups.data[group * width + name] ?? 0;
  return {
    hear: (group, agent, inSpace) => {
      const at = groups.at(group);
      const home = homes.at(agent);
      groups.data[at + last] = agent;
      groups.data[at + space] = inSpace;
      if (homes.data[home] === group + 1) return;
      homes.data[home] = group + 1;
      groups.data[at + count] = field(group, count) + 1;
    },
    members: (group) => field(group, count),
    agentOf: (group) => field(group, last),
    spaceOf: (group) => field(group, space),
    forget: (agent) => {
      const group = (homes.data[homes.at(agent)] ?? 0) - 1;
      homes.clear(agent);
      if (group < 0) return;
      const at = groups.at(group);
      groups.data[at + count] = Math.max(0, (groups.data[at + count] ?? 0) - 1);
    },
    ...allOf([groups, homes]),
  };
}
