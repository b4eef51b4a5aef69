import type { Random } from '#shared/random.ts';

/** One of the items, each as likely. @throws {RangeError} there is none */
export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random.next() * items.length)];
  if (item === undefined) throw new RangeError('pick requires at least one item');
  return item;
}

/** A number in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.next();
}

/** Standard normal. @source Box & Muller 1958, Annals of Mathematical Statistics 29(2) */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Log-normal with a median, and the standard deviation of its logarithm. */
export function logNormal(random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * normal(random));
}

/** Exponential with a mean: the gaps of memoryless arrivals. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random.next());
}

// Above this a normal approximation is within a per mille of the Poisson's own spread.
const normalFrom = 500;

/** Poisson. @source Knuth, The Art of Computer Programming 2, 3.4.1; normal approximation for large means */
export function poisson(random: Random, mean: number): number {
  if (mean > normalFrom) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > limit; product *= random.next()) count += 1;
  return count;
}

/** Gamma with mean 1 and a variance. @source Marsaglia & Tsang 2000, ACM TOMS 26(3) */
export function unitGamma(random: Random, variance: number): number {
  if (variance <= 0) return 1;
  const shape = 1 / variance;
  const boosted = shape < 1 ? shape + 1 : shape;
  const d = boosted - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
      const boost = shape < 1 ? (1 - random.next()) ** (1 / shape) : 1;
      return (d * v * boost) / shape;
    }
  }
}

/** `digits` hexadecimal digits. */
export function hex(random: Random, digits: number): string {
  let text = '';
  while (text.length < digits)
    text += Math.floor(random.next() * 0x10000000)
      .toString(16)
      .padStart(7, '0');
  return text.slice(0, digits);
}
