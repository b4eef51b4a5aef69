import type { AgentKind } from '#shared/event.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { peerGroupOf } from './peers.ts';
import { createRecords } from './records.ts';

/** Every agent that the engine has met, by slot, and its peer group. */
export interface Agents {
  readonly count: number;
  readonly groups: number;
  /** The slot of an agent; a new one is made, first seen at `time`. */
  intern(space: string, id: string, kind: AgentKind | undefined, time: number): number;
  /** The slot of an agent, or -1. */
  find(space: string, id: string): number;
  id(agent: number): string;
  space(agent: number): string;
  /** The number of the agent's space: the population that it is one of. */
  population(agent: number): number;
  group(agent: number): number;
  groupName(group: number): string;
  /** UTC ms of the first event that named it. */
  firstSeen(agent: number): number;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const group = 0;
const firstSeen = 1;
const population = 2;
const width = 3;

export function createAgents(): Agents {
  let spaces = new Map<string, Map<string, number>>();
  let ids: string[] = [];
  let spaceNames: string[] = [];
  const groups = createGroupNames();
  const facts = createRecords('facts', width);

  const idsOf = (space: string): Map<string, number> => {
    const known = spaces.get(space) ?? new Map<string, number>();
    spaces.set(space, known);
    return known;
  };

  return {
    get count() {
      return ids.length;
    },
    get groups() {
      return groups.names().length;
    },
    intern: (space, id, kind, time) => {
      const known = spaces.get(space)?.get(id);
      if (known !== undefined) return known;
      const slot = ids.length;
      idsOf(space).set(id, slot);
      ids.push(id);
      spaceNames.push(space);
      const at = facts.at(slot);
      facts.data[at + group] = groups.slot(`${space}/${peerGroupOf(id, kind)}`);
      facts.data[at + firstSeen] = time;
      facts.data[at + population] = [...spaces.keys()].indexOf(space);
      return slot;
    },
    find: (space, id) => spaces.get(space)?.get(id) ?? -1,
    id: (agent) => ids[agent] ?? '',
    space: (agent) => spaceNames[agent] ?? '',
    population: (agent) => facts.data[agent * width + population] ?? 0,
    group: (agent) => facts.data[agent * width + group] ?? 0,
    groupName: (slot) => (groups.names()[slot] ?? '').replace(/^[^/]*\//, ''),
    firstSeen: (agent) => facts.data[agent * width + firstSeen] ?? 0,
    save: (state) => {
      state.value('ids', ids);
      state.value(
        'spaces',
        [...spaces].map(([space, slots]) => [space, [...slots.values()]]),
      );
      state.value('groups', groups.names());
      facts.save(state);
    },
    restore: (state) => {
      ids = (state.value('ids') ?? []) as string[];
      groups.take((state.value('groups') ?? []) as string[]);
      spaces = new Map();
      spaceNames = [];
      for (const [space, slots] of (state.value('spaces') ?? []) as [string, number[]][]) {
        const known = idsOf(space);
        for (const slot of slots) {
          known.set(ids[slot] ?? '', slot);
          spaceNames[slot] = space;
        }
      }
      facts.restore(state);
    },
  };
}

function createGroupNames() {
  let names: string[] = [];
  let slots = new Map<string, number>();
  return {
    names: (): readonly string[] => names,
    slot: (name: string): number => {
      const known = slots.get(name);
      if (known !== undefined) return known;
      slots.set(name, names.length);
      return names.push(name) - 1;
    },
    take: (saved: string[]) => {
      names = saved;
      slots = new Map(names.map((name, slot) => [name, slot]));
    },
  };
}
