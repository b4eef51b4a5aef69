import type { RuleMemory } from './rule-memory.ts';

/** Spaces that are remembered; in one beyond them nobody is a newcomer. */
const spacesMax = 10_000;

/** When each space was first heard of, by event time. */
export interface FirstEvents extends RuleMemory {
  /** UTC ms; `undefined` for a space without an event. */
  of(space: string): number | undefined;
  learn(space: string, time: number): void;
}

export function createFirstEvents(name: string): FirstEvents {
  const first = new Map<string, number>();
  return {
    name,
    of: (space) => first.get(space),
    learn: (space, time) => {
      if (!first.has(space) && first.size < spacesMax) first.set(space, time);
    },
    save: (state) => state.value('first', [...first]),
    restore: (state) => {
      first.clear();
      for (const [space, time] of (state.value('first') ?? []) as [string, number][]) first.set(space, time);
    },
  };
}
