/** A source of chance: a parameter wherever a draw is made, so that a run can be repeated. */
export interface Random {
  /** A number in [0, 1), 53 bits. */
  next(): number;
}

/**
 * A small fast seeded generator, the same stream for the same seed on every machine. Not for secrets.
 *
 * @param seed any number; its lower 32 bits count
 * @source sfc32, Chris Doty-Humphrey, PractRand 0.93 (public domain)
 * @example seededRandom(1).next() === seededRandom(1).next(); // => true
 */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9; // the golden ratio's fraction, as PractRand seeds it
  let b = 0x243f6a88; // π's fraction
  let c = seed >>> 0;
  let counter = 1;
  const next32 = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i += 1) next32(); // 12 rounds mix the seed, as PractRand does
  return { next: () => ((next32() >>> 5) * 67108864 + (next32() >>> 6)) / 9007199254740992 };
}
