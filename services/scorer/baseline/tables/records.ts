import type { StateReader, StateWriter } from '../../state.ts';

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
export interface Records<Numbers extends Float64Array | Float32Array = Float64Array> {
  readonly width: number;
  /** The numbers; replaced when it grows, so read it after `at`. */
  data: Numbers;
  /** Where the record of a slot starts in `data`; makes room for it. */
  at(slot: number): number;
  /** Zeros again: the slot has another owner. */
  clear(slot: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export const createRecords = (name: string, width: number): Records =>
  tableOf(name, width, {
    empty: (length) => new Float64Array(length),
    saved: (state) => state.floats(name),
  });

/** The same at half of the memory, for wide records of numbers of which seven digits are enough: no times. */
export const createSingleRecords = (name: string, width: number): Records<Float32Array> =>
  tableOf(name, width, {
    empty: (length) => new Float32Array(length),
    saved: (state) => state.singles(name),
  });

interface Kind<Numbers> {
  readonly empty: (length: number) => Numbers;
  readonly saved: (state: StateReader) => Numbers | undefined;
}

function tableOf<Numbers extends Float64Array | Float32Array>(
  name: string,
  width: number,
  { empty, saved }: Kind<Numbers>,
): Records<Numbers> {
  let used = 0;
  const grow = (data: Numbers, lengthMin: number): Numbers => {
    const copy = empty(grownLength(data.length, lengthMin));
    copy.set(data);
    return copy;
  };
  const records: Records<Numbers> = {
    width,
    data: empty(slotsAtStart * width),
    at: (slot) => {
      const start = slot * width;
      const end = start + width;
      if (end > used) {
        used = end;
        if (end > records.data.length) records.data = grow(records.data, end);
      }
      return start;
    },
    clear: (slot) => {
      records.data.fill(0, slot * width, (slot + 1) * width);
    },
    save: (state) => state.block(name, records.data.subarray(0, used)),
    restore: (state) => {
      const numbers = saved(state) ?? empty(0);
      used = numbers.length;
      records.data = grow(numbers, Math.max(used, slotsAtStart * width));
    },
  };
  return records;
}

// Small tables double, large ones grow by an eighth: either keeps the cost of growth constant a slot (each number is
// copied eight times), and no more than a ninth of a large table is empty.
const largeFrom = 131_072; // numbers: 1 MB

function grownLength(length: number, lengthMin: number): number {
  const factor = length < largeFrom ? 2 : 1.125;
  return Math.max(lengthMin, Math.ceil(length * factor));
}
