import type { Visit } from '../baseline/tables/belongings.ts';
import { createRecords } from '../baseline/tables/records.ts';
import type { RuleMemory } from './rule-memory.ts';

/** Calls in a row at its best before a slot is held to it: a rollout that mixes old and new never gets there. */
const streakMin = 50;
/** A level below the best is told for a day, then it is the new habit: it was seen, and told. */
const tellMs = 24 * 60 * 60_000;

// Columns of a slot's record.
const best = 0; // level + 1, so that a slot never written has none
const streak = 1;
const brokenAt = 2; // event time of the first call below the best, 0 = none

/** The best level (TLS version, proof of identity, algorithm) that an edge or agent keeps to. */
export interface Bests extends RuleMemory {
  /** The level that the slot has kept to for long enough, or -1. */
  settled(slot: number): number;
  isBelow(slot: number, level: number): boolean;
  learn(slot: number, level: number, time: number): void;
}

/** @param by what the slots are, so that a slot given to another owner starts anew */
export function createBests(name: string, by: 'agent' | 'edge'): Bests {
  const records = createRecords('bests', 3);
  const read = (slot: number, column: number) => records.data[slot * 3 + column] ?? 0;
  const settled = (slot: number) => (read(slot, streak) >= streakMin ? read(slot, best) - 1 : -1);
  const belongings = (slot: number, visit: Visit) => visit.row(records, slot);
  return {
    name,
    settled,
    isBelow: (slot, level) => level < settled(slot),
    learn: (slot, level, time) => {
      const at = records.at(slot);
      const held = (records.data[at + best] ?? 0) - 1;
      if (level > held) {
        records.data[at + best] = level + 1;
        records.data[at + streak] = 1;
        records.data[at + brokenAt] = 0;
      } else if (level === held) {
        records.data[at + streak] = (records.data[at + streak] ?? 0) + 1;
      } else if ((records.data[at + streak] ?? 0) < streakMin) {
        records.data[at + streak] = 0;
      } else if ((records.data[at + brokenAt] ?? 0) === 0) {
        records.data[at + brokenAt] = time;
      } else if (time - (records.data[at + brokenAt] ?? 0) > tellMs) {
        records.data[at + best] = level + 1;
        records.data[at + streak] = 1;
        records.data[at + brokenAt] = 0;
      }
    },
    ...(by === 'agent' ? { agentBelongings: belongings } : { edgeBelongings: belongings }),
    save: (state) => records.save(state),
    restore: (state) => records.restore(state),
  };
}
