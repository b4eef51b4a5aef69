import { AppError } from '#shared/errors.ts';
import type { Pairs } from './pairs.ts';
import type { Records } from './records.ts';

/**
 * Goes over everything that one agent or edge owns. A table names what belongs to an owner once, always in the same
 * order, and the same walk clears it, packs it, or puts back what was packed.
 */
export interface Visit {
  /** One row of a table. */
  row(records: Records<Float64Array | Float32Array>, slot: number): void;
  /** The pairs of an owner; `each` names what belongs to one of them. */
  pairs(pairs: Pairs, owner: number, each: (pair: number) => void): void;
}

/** Zeros everything: the slot has another owner. */
export const clearing: Visit = {
  row: (records, slot) => records.clear(slot),
  pairs: eachPair,
};

/**
 * Everything that a walk goes over, as bytes: of each row how wide it is and its numbers, or a 0 where it is empty;
 * of pairs how many, and of each its item and what belongs to it. The slots themselves are not part of it.
 */
export function packed(walk: (visit: Visit) => void): Uint8Array {
  const numbers: number[] = [];
  walk({
    row: (records, slot) => {
      const start = slot * records.width;
      const row = records.data.subarray(start, start + records.width);
      if (row.some((number) => number !== 0)) numbers.push(records.width, ...row);
      else numbers.push(0);
    },
    pairs: (pairs, owner, each) => {
      const place = numbers.push(0) - 1;
      eachPair(pairs, owner, (pair) => {
        numbers[place] = (numbers[place] ?? 0) + 1;
        numbers.push(pairs.item(pair));
        each(pair);
      });
    },
  });
  const bytes = Float64Array.from(numbers);
  return new Uint8Array(bytes.buffer);
}

/**
 * Puts back what was packed, under whatever slots the owner has now. What was packed by another version, whose tables
 * were others, is not put back: all is cleared.
 *
 * @returns whether it was put back
 */
export function unpack(bytes: Uint8Array, walk: (visit: Visit) => void): boolean {
  const numbers = new Float64Array(Uint8Array.from(bytes).buffer);
  let place = 0;
  const next = () => {
    const number = numbers[place];
    if (number === undefined) throw new AppError('STATE_INVALID', 'what was packed ends too early');
    place += 1;
    return number;
  };
  try {
    walk({
      row: (records, slot) => {
        const width = next();
        if (width === 0) return;
        if (width !== records.width) throw new AppError('STATE_INVALID', 'a row has another width');
        const start = records.at(slot);
        for (let field = 0; field < width; field += 1) records.data[start + field] = next();
      },
      pairs: (pairs, owner, each) => {
        for (let left = next(); left > 0; left -= 1) each(pairs.intern(owner, next()));
      },
    });
    if (place === numbers.length) return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  walk(clearing);
  return false;
}

function eachPair(pairs: Pairs, owner: number, each: (pair: number) => void): void {
  for (let pair = pairs.first(owner); pair >= 0; pair = pairs.next(pair)) each(pair);
}
