import type { Visit } from '../baseline/tables/belongings.ts';
import { createRecords } from '../baseline/tables/records.ts';
import type { RuleMemory } from './rule-memory.ts';

/** A lasting fault is told once a day, not with every call: a person knows it after the first time. */
const everyMs = 24 * 60 * 60_000;

/** When each agent or edge was last told of. */
export interface Reminders extends RuleMemory {
  isDue(slot: number, time: number): boolean;
  /** It has been told now. */
  mark(slot: number, time: number): void;
}

/** @param by what the slots are, so that a slot given to another owner starts anew */
export function createReminders(name: string, by: 'agent' | 'edge'): Reminders {
  const records = createRecords('told', 1);
  const belongings = (slot: number, visit: Visit) => visit.row(records, slot);
  return {
    name,
    // Late events lie behind the last mark: they tell nothing new.
    isDue: (slot, time) => {
      const last = records.data[slot] ?? 0;
      return last === 0 || time - last >= everyMs;
    },
    mark: (slot, time) => {
      const at = records.at(slot); // makes room, so before `data` is read
      records.data[at] = time;
    },
    ...(by === 'agent' ? { agentBelongings: belongings } : { edgeBelongings: belongings }),
    save: (state) => records.save(state),
    restore: (state) => records.restore(state),
  };
}
