/**
 * Slots that are to be looked at when a minute of their clock comes: a look costs nothing until it is due, however
 * many slots wait. Holds at most one appointment a slot; not saved, because it follows from what the slots hold.
 */
export interface Appointments {
  /** Looks at a slot in this minute, or earlier where that was agreed before. */
  by(slot: number, clock: number, minute: number): void;
  cancel(slot: number): void;
  clear(): void;
  /** Takes out the slots that are due in this minute of a clock, ascending. Minutes must not be left out. */
  take(clock: number, minute: number): readonly number[];
}

const clocksMax = 65_536;

export function createAppointments(): Appointments {
  const due = new Map<number, Set<number>>(); // by clock and minute
  const keys = new Map<number, number>(); // by slot
  const keyOf = (clock: number, minute: number) => minute * clocksMax + clock;
  const cancel = (slot: number) => {
    const key = keys.get(slot);
    if (key === undefined) return;
    keys.delete(slot);
    const slots = due.get(key);
    slots?.delete(slot);
    if (slots?.size === 0) due.delete(key);
  };
  return {
    by: (slot, clock, minute) => {
      const key = keyOf(clock, minute);
      if ((keys.get(slot) ?? Number.POSITIVE_INFINITY) <= key) return;
      cancel(slot);
      keys.set(slot, key);
      const slots = due.get(key);
      if (slots === undefined) due.set(key, new Set([slot]));
      else slots.add(slot);
    },
    cancel,
    clear: () => {
      due.clear();
      keys.clear();
    },
    take: (clock, minute) => {
      const key = keyOf(clock, minute);
      const slots = [...(due.get(key) ?? [])].sort((a, b) => a - b);
      due.delete(key);
      for (const slot of slots) keys.delete(slot);
      return slots;
    },
  };
}
