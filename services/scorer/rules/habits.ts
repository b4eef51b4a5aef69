import type { RuleMemory } from './rule-memory.ts';

export interface HabitsOptions {
  readonly name: string;
  /** What the slots are, so that a slot given to another owner starts anew; `space` for one table in all. */
  readonly by: 'agent' | 'edge' | 'space';
  /** Observations before what is new is told. */
  readonly observationsMin: number;
  /** Event time, in ms, from the first observation until what is new is told. */
  readonly ageMsMin: number;
  /** Values of one slot that are remembered; a slot with more has no habit that could be broken. */
  readonly valuesMax: number;
}

/** An agent's or edge's number, or a space's name. */
type Slot = number | string;

/** Slots that are remembered; beyond them a new slot learns nothing. */
const slotsMax = 200_000;
/** A new value is told for a week, then it is known: what comes back the next day has not become right by that. */
const tellMs = 7 * 24 * 60 * 60_000;

/** The values (scopes, issuers, fingerprints) that an agent, edge or space is known by. */
export interface Habits extends RuleMemory {
  isNew(slot: Slot, value: string, time: number): boolean;
  /** How long a new value has been there, ms; 0 for one that comes for the first time. */
  newFor(slot: Slot, value: string, time: number): number;
  learn(slot: Slot, value: string, time: number): void;
  /** The known values, for a sentence. */
  known(slot: Slot, time: number): readonly string[];
}

interface Habit {
  readonly since: number;
  observations: number;
  /** Value → event time until which it counts as new; 0 for what belongs to the habit. */
  readonly values: Map<string, number>;
}

export function createHabits(options: HabitsOptions): Habits {
  const slots = new Map<Slot, Habit>();
  const isSettled = (habit: Habit, time: number) =>
    habit.observations >= options.observationsMin && time - habit.since >= options.ageMsMin;
  const forget = (slot: Slot) => {
    slots.delete(slot);
  };
  return {
    name: options.name,
    isNew: (slot, value, time) => {
      const habit = slots.get(slot);
      if (habit === undefined || habit.values.size >= options.valuesMax) return false;
      const newUntil = habit.values.get(value);
      return newUntil === undefined ? isSettled(habit, time) : time < newUntil;
    },
    newFor: (slot, value, time) => {
      const newUntil = slots.get(slot)?.values.get(value);
      return newUntil === undefined ? 0 : Math.max(0, time - (newUntil - tellMs));
    },
    learn: (slot, value, time) => {
      let habit = slots.get(slot);
      if (habit === undefined) {
        if (slots.size >= slotsMax) return;
        habit = { since: time, observations: 0, values: new Map() };
        slots.set(slot, habit);
      }
      if (!habit.values.has(value) && habit.values.size < options.valuesMax)
        habit.values.set(value, isSettled(habit, time) ? time + tellMs : 0);
      habit.observations += 1;
    },
    known: (slot, time) =>
      [...(slots.get(slot)?.values ?? [])].filter(([, newUntil]) => newUntil <= time).map(([value]) => value),
    ...(options.by === 'agent' ? { forgetAgent: forget } : {}),
    ...(options.by === 'edge' ? { forgetEdge: forget } : {}),
    save: (state) =>
      state.value(
        'habits',
        [...slots].map(([slot, habit]) => [slot, habit.since, habit.observations, [...habit.values]]),
      ),
    restore: (state) => {
      slots.clear();
      for (const [slot, since, observations, values] of savedOf(state.value('habits')))
        slots.set(slot, { since, observations, values: new Map(values) });
    },
  };
}

type Saved = readonly (readonly [Slot, number, number, readonly (readonly [string, number])[]])[];

function savedOf(value: unknown): Saved {
  return (value ?? []) as Saved;
}
