import type { RuleMemory } from './rule-memory.ts';

/** A broken rule is told for an hour, then kept silent about until a day after it began: one case, not one an hour. */
const tellMs = 60 * 60_000;
const spellMs = 24 * 60 * 60_000;
/** Edges that are remembered; the one told of longest ago goes first. */
const edgesMax = 100_000;

/** When a rule began to be broken on each edge. */
export interface Spells extends RuleMemory {
  /** Is it worth telling about this edge now? */
  isOpen(edge: number, time: number): boolean;
  /** The rule is broken on this edge now. */
  note(edge: number, time: number): void;
}

export function createSpells(): Spells {
  const began = new Map<number, number>();
  return {
    name: 'spells',
    isOpen: (edge, time) => {
      const at = began.get(edge);
      return at === undefined || time - at < tellMs || time - at >= spellMs;
    },
    note: (edge, time) => {
      const at = began.get(edge);
      if (at !== undefined && time - at < spellMs) return;
      began.delete(edge); // to the end of the map, where the newest are
      began.set(edge, time);
      if (began.size > edgesMax) dropOldest(began);
    },
    forgetEdge: (edge) => {
      began.delete(edge);
    },
    save: (state) => state.value('began', [...began]),
    restore: (state) => {
      began.clear();
      for (const [edge, time] of (state.value('began') ?? []) as [number, number][]) began.set(edge, time);
    },
  };
}

function dropOldest(began: Map<number, number>): void {
  for (const oldest of began.keys()) {
    began.delete(oldest);
    return;
  }
}
