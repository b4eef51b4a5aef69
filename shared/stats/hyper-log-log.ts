/**
 * Registers of a HyperLogLog counter of distinct things: `2 ** precision` bytes, standard error 1.04 / √registers.
 * Two counters of the same size merge by the larger of each register.
 *
 * @param registers a power of two from 16 to 65536 bytes, changed in place
 * @param hash 32 well-mixed bits of the thing
 * @source Flajolet, Fusy, Gandouet & Meunier 2007, DMTCS AH
 */
export function hyperLogLogAdd(registers: Uint8Array, hash: number): void {
  const index = hash & (registers.length - 1);
  const precision = 31 - Math.clz32(registers.length);
  const rank = Math.clz32((hash >>> precision) | 0) - precision + 1;
  if (rank > (registers[index] ?? 0)) registers[index] = rank;
}

/**
 * How many distinct things were added. Exact to a few things for small numbers (linear counting); with 32-bit hashes
 * usable up to about 10⁸.
 *
 * @param registers as filled by `hyperLogLogAdd`
 * @source Flajolet et al. 2007, figure 3, with the correction for small ranges
 */
export function hyperLogLogEstimate(registers: Uint8Array): number {
  const size = registers.length;
  let inverseSum = 0;
  let empty = 0;
  for (const register of registers) {
    inverseSum += 2 ** -register;
    if (register === 0) empty += 1;
  }
  const alpha = size <= 16 ? 0.673 : size <= 32 ? 0.697 : size <= 64 ? 0.709 : 0.7213 / (1 + 1.079 / size);
  const raw = (alpha * size * size) / inverseSum;
  return raw <= 2.5 * size && empty > 0 ? size * Math.log(size / empty) : raw;
}
