import type { AgentKind } from '#shared/event.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import type { Visit } from '../tables/belongings.ts';
import { createRecords, type Records } from '../tables/records.ts';
import { slotsWithout } from '../tables/slots-without.ts';
import { peerGroupOf } from './peers.ts';

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
  /** The number of a space; a new one is made. Spaces beyond the limit share the last number. */
  populationOf(space: string): number;
  group(agent: number): number;
  groupName(group: number): string;
  /** UTC ms of the first event that named it. */
  firstSeen(agent: number): number;
  /** UTC ms of the newest. */
  lastSeen(agent: number): number;
  /** The slots that agents have, ascending. */
  slots(): readonly number[];
  /** What is known of an agent beside who it is. */
  belongings(agent: number, visit: Visit): void;
  /** Gives a slot back: the next new agent gets it. */
  release(agent: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** Spaces that are told apart; those beyond them share a clock and a population, never an agent. */
export const spacesMax = 1000;

const group = 0;
const population = 1;
const width = 2;

export function createAgents(): Agents {
  const spaces = createSpaces();
  let ids: string[] = [];
  let spaceNames: string[] = [];
  const groups = createGroupNames();
  const facts = createRecords('facts', width);
  const births = createRecords('births', 1);
  const newest = createRecords('newest', 1);
  let free: number[] = [];

  return {
    get count() {
      return ids.length - free.length;
    },
    get groups() {
      return groups.names().length;
    },
    intern: (space, id, kind, time) => {
      const { slots, population } = spaces.of(space);
      const known = slots.get(id);
      if (known !== undefined) return seen(newest, known, time);
      const slot = free.pop() ?? ids.length;
      slots.set(id, slot);
      ids[slot] = id;
      spaceNames[slot] = space;
      seen(newest, slot, time);
      const birth = births.at(slot); // makes room, so before `data` is read
      births.data[birth] = time;
      note(facts, slot, { group: groups.slot(`${space}/${peerGroupOf(id, kind)}`), population });
      return slot;
    },
    find: spaces.find,
    id: (agent) => ids[agent] ?? '',
    space: (agent) => spaceNames[agent] ?? '',
    population: (agent) => facts.data[agent * width + population] ?? 0,
    populationOf: (space) => spaces.of(space).population,
    group: (agent) => facts.data[agent * width + group] ?? 0,
    groupName: (slot) => (groups.names()[slot] ?? '').replace(/^[^/]*\//, ''),
    firstSeen: (agent) => births.data[agent] ?? 0,
    lastSeen: (agent) => newest.data[agent] ?? 0,
    slots: () => slotsWithout(ids.length, free),
    belongings: (agent, visit) => visit.row(births, agent),
    release: (agent) => {
      spaces.vacate(spaceNames[agent] ?? '', ids[agent] ?? '');
      ids[agent] = '';
      for (const part of [facts, births, newest]) part.clear(agent);
      free.push(agent);
    },
    save: (state) => {
      state.value('ids', ids);
      state.value('free', free);
      state.value('spaces', spaces.list());
      state.value('groups', groups.names());
      for (const part of [facts, births, newest]) part.save(state);
    },
    restore: (state) => {
      ids = (state.value('ids') ?? []) as string[];
      free = (state.value('free') ?? []) as number[];
      groups.take((state.value('groups') ?? []) as string[]);
      const saved = (state.value('spaces') ?? []) as SavedSpaces;
      spaces.take(saved, ids);
      spaceNames = namesBySlot(saved);
      for (const part of [facts, births, newest]) part.restore(state);
    },
  };
}

interface Space {
  /** Slots of its agents, by id. */
  readonly slots: Map<string, number>;
  readonly population: number;
}

/** The agents of each space, and its number. */
function createSpaces() {
  let spaces = new Map<string, Space>();
  const add = (name: string): Space => {
    const space = { slots: new Map<string, number>(), population: Math.min(spaces.size, spacesMax - 1) };
    spaces.set(name, space);
    return space;
  };
  return {
    of: (name: string): Space => spaces.get(name) ?? add(name),
    find: (name: string, id: string): number => spaces.get(name)?.slots.get(id) ?? -1,
    vacate: (name: string, id: string) => {
      const space = spaces.get(name);
      space?.slots.delete(id);
      // Only what shares the last number may go: the numbers of the others follow from their order.
      if (space?.slots.size === 0 && space.population === spacesMax - 1) spaces.delete(name);
    },
    list: (): SavedSpaces => [...spaces].map(([name, { slots }]) => [name, [...slots.values()]]),
    take: (saved: SavedSpaces, ids: readonly string[]) => {
      spaces = new Map();
      for (const [name, slots] of saved) {
        const space = add(name);
        for (const slot of slots) space.slots.set(ids[slot] ?? '', slot);
      }
    },
  };
}

/** An agent was named at this time; its slot. */
function seen(newest: Records, slot: number, time: number): number {
  const at = newest.at(slot);
  if (time > (newest.data[at] ?? 0)) newest.data[at] = time;
  return slot;
}

function note(
  facts: Records,
  slot: number,
  home: { readonly group: number; readonly population: number },
): void {
  const at = facts.at(slot);
  facts.data[at + group] = home.group;
  facts.data[at + population] = home.population;
}

type SavedSpaces = readonly (readonly [space: string, slots: readonly number[]])[];

function namesBySlot(saved: SavedSpaces): string[] {
  const names: string[] = [];
  for (const [space, slots] of saved) for (const slot of slots) names[slot] = space;
  return names;
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
