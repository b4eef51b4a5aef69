import type { AgentKind } from '#shared/event.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { peerGroupOf } from './peers.ts';
import { createRecords, type Records } from './records.ts';

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
  /** UTC ms of the newest. */
  lastSeen(agent: number): number;
  /** The slots that agents have, ascending. */
  slots(): readonly number[];
  /** Gives a slot back: the next new agent gets it. */
  release(agent: number): void;
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
  const newest = createRecords('newest', 1);
  let free: number[] = [];

  const idsOf = (space: string): Map<string, number> => {
    if (!spaces.has(space)) spaces.set(space, new Map());
    return spaces.get(space) ?? new Map();
  };

  return {
    get count() {
      return ids.length - free.length;
    },
    get groups() {
      return groups.names().length;
    },
    intern: (space, id, kind, time) => {
      const known = spaces.get(space)?.get(id);
      if (known !== undefined) return seen(newest, known, time);
      const slot = free.pop() ?? ids.length;
      idsOf(space).set(id, slot);
      ids[slot] = id;
      spaceNames[slot] = space;
      seen(newest, slot, time);
      const home = {
        group: groups.slot(`${space}/${peerGroupOf(id, kind)}`),
        population: [...spaces.keys()].indexOf(space),
      };
      note(facts, slot, home, time);
      return slot;
    },
    find: (space, id) => spaces.get(space)?.get(id) ?? -1,
    id: (agent) => ids[agent] ?? '',
    space: (agent) => spaceNames[agent] ?? '',
    population: (agent) => facts.data[agent * width + population] ?? 0,
    group: (agent) => facts.data[agent * width + group] ?? 0,
    groupName: (slot) => (groups.names()[slot] ?? '').replace(/^[^/]*\//, ''),
    firstSeen: (agent) => facts.data[agent * width + firstSeen] ?? 0,
    lastSeen: (agent) => newest.data[agent] ?? 0,
    slots: () => slotsWithout(ids.length, free),
    release: (agent) => {
      spaces.get(spaceNames[agent] ?? '')?.delete(ids[agent] ?? '');
      ids[agent] = '';
      facts.clear(agent);
      newest.clear(agent);
      free.push(agent);
    },
    save: (state) => {
      state.value('ids', ids);
      state.value('free', free);
      const saved: SavedSpaces = [...spaces].map(([space, slots]) => [space, [...slots.values()]]);
      state.value('spaces', saved);
      state.value('groups', groups.names());
      for (const part of [facts, newest]) part.save(state);
    },
    restore: (state) => {
      ids = (state.value('ids') ?? []) as string[];
      free = (state.value('free') ?? []) as number[];
      groups.take((state.value('groups') ?? []) as string[]);
      const saved = (state.value('spaces') ?? []) as SavedSpaces;
      spaces = new Map(
        saved.map(([space, slots]) => [space, new Map(slots.map((slot) => [ids[slot] ?? '', slot]))]),
      );
      spaceNames = namesBySlot(saved);
      for (const part of [facts, newest]) part.restore(state);
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
  time: number,
): void {
  const at = facts.at(slot);
  facts.data[at + group] = home.group;
  facts.data[at + firstSeen] = time;
  facts.data[at + population] = home.population;
}

type SavedSpaces = readonly (readonly [space: string, slots: readonly number[]])[];

function namesBySlot(saved: SavedSpaces): string[] {
  const names: string[] = [];
  for (const [space, slots] of saved) for (const slot of slots) names[slot] = space;
  return names;
}

/** The numbers below `end` that are not free, ascending. */
export function slotsWithout(end: number, free: readonly number[]): readonly number[] {
  const isFree = new Set(free);
  return Array.from({ length: end }, (_, slot) => slot).filter((slot) => !isFree.has(slot));
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
