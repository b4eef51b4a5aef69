import type { StateReader, StateWriter } from '../state.ts';

const slotsAtStart = 16; // the records of a group are thousands of numbers wide, and a dozen tables have them

/**
 * Fixed-width records of numbers by slot, side by side in one growing array: a baseline of an agent, an edge or a
 * group costs `8 × width` bytes and no object. A slot that was never written reads as zeros.
 *
 * @example
 * const counts = createRecords('counts', 2);
 * const at = counts.at(7); // makes room
 * counts.data[at + 1] = 3;
 */
export interface Records {
  readonly width: number;
  /** The numbers; replaced when it grows, so read it after `at`. */
  data: Float64Array;
  /** Where the record of a slot starts in `data`; makes room for it. */
  at(slot: number): number;
  /** Zeros again: the slot has another owner. */
  clear(slot: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export function createRecords(name: string, width: number): Records {
  let used = 0;
  const records: Records = {
    width,
    data: new Float64Array(slotsAtStart * width),
    at: (slot) => {
      const start = slot * width;
      const end = start + width;
      if (end > used) {
        used = end;
        if (end > records.data.length) records.data = grown(records.data, end);
      }
      return start;
    },
    clear: (slot) => {
      records.data.fill(0, slot * width, (slot + 1) * width);
    },
    save: (state) => state.block(name, records.data.subarray(0, used)),
    restore: (state) => {
      const saved = state.floats(name) ?? new Float64Array(0);
      used = saved.length;
      records.data = grown(saved, Math.max(used, slotsAtStart * width));
    },
  };
  return records;
}

// Small tables double, large ones grow by a quarter: either keeps the cost of growth constant a slot, and no more than
// a fifth of a large table is empty.
const largeFrom = 131_072; // numbers: 1 MB

/** A copy with room for at least `lengthMin`. */
function grown(data: Float64Array, lengthMin: number): Float64Array {
  const factor = data.length < largeFrom ? 2 : 1.25;
  const copy = new Float64Array(Math.max(lengthMin, Math.ceil(data.length * factor)));
  copy.set(data);
  return copy;
}
