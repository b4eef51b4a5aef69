/**
 * What a day of one agent holds: a negative binomial whose mean and dispersion come from days that are over for
 * weeks. What is being tested must not have taught what it is tested against.
 */
export interface DayLevel {
  /** Expected of a day on which the group is as busy as it is on the average. */
  mean: number;
  /** φ of the day, inflated by what the mean is known from. */
  dispersion: number;
  /** Days that taught, older ones for less. */
  days: number;
}

// Fields of a level within a record of numbers, decayed sums over the days that have taught.
const amount = 0;
const exposure = 1; // how busy those days were, as multiples of the group's average day
const excess = 2; // Σ (x − m)² − m
const square = 3; // Σ m²
const days = 4;
export const dayLevelFields = 5;

const fading = 2 ** (-1 / 28); // four weeks make half of it
// Before it is known an agent's days are thought to spread as its group's do, as strongly as five days would say.
const priorDays = 5;
const dispersionMin = 0.02;
// A day teaches up to three standard deviations: Huber's bounded influence.
const influenceMax = 3;

/**
 * Reads the level whose fields begin at `at`.
 *
 * @param priorDispersion φ of the days of others like it
 */
export function readLevel(data: Float32Array, at: number, priorDispersion: number, into: DayLevel): void {
  into.days = data[at + days] ?? 0;
  into.mean = into.days > 0 ? ((data[at + amount] ?? 0) + 0.5) / (data[at + exposure] ?? 1) : 0;
  const prior = priorDays * into.mean * into.mean;
  const spread = ((data[at + excess] ?? 0) + priorDispersion * prior) / ((data[at + square] ?? 0) + prior);
  const dispersion = Math.max(dispersionMin, into.mean > 0 ? spread : priorDispersion);
  into.dispersion = dispersion + (dispersion + 1 / Math.max(into.mean, 0.5)) / Math.max(1, into.days);
}

/** Days that have taught the level whose fields begin at `at`. */
export const daysOf = (data: Float32Array, at: number): number => data[at + days] ?? 0;

/** Takes in a day that held `value` where `busyness` times the mean was expected. */
export function teachLevel(
  data: Float32Array,
  at: number,
  day: { readonly value: number; readonly busyness: number; readonly weight: number },
  known: DayLevel,
): void {
  const { busyness, weight } = day;
  const expected = known.days > 0 ? known.mean * busyness : day.value;
  const reach = influenceMax * Math.sqrt(expected + known.dispersion * expected * expected) + 1;
  const value = known.days > 0 ? Math.min(day.value, expected + reach) : day.value;
  for (let field = 0; field < dayLevelFields; field += 1) data[at + field] = (data[at + field] ?? 0) * fading;
  data[at + amount] = (data[at + amount] ?? 0) + weight * value;
  data[at + exposure] = (data[at + exposure] ?? 0) + weight * busyness;
  data[at + excess] = (data[at + excess] ?? 0) + weight * ((value - expected) ** 2 - expected);
  data[at + square] = (data[at + square] ?? 0) + weight * expected * expected;
  data[at + days] = (data[at + days] ?? 0) + weight;
}

/** How much the days of a group's members spread beyond chance. Fields of a record: Σ w φ of a day, Σ w. */
export const spreadFields = 2;
// A group that nothing is known of: days spread by half, as strongly as twenty of them would say.
const ignorance = { dispersion: 0.25, days: 20 };
const spreadFading = 1 - 1 / 5000; // the last 5,000 days of members
const noisyBelow = 10; // a mean of ten says half as much of φ as a large one: chance alone spreads its days

export function groupDispersion(data: Float64Array, at: number): number {
  const sum = (data[at] ?? 0) + ignorance.dispersion * ignorance.days;
  return Math.max(dispersionMin, sum / ((data[at + 1] ?? 0) + ignorance.days));
}

/** Takes in a member's day that held `value` where `expected` was. */
export function teachSpread(
  data: Float64Array,
  at: number,
  day: { readonly value: number; readonly expected: number; readonly weight: number },
): void {
  const { expected, value } = day;
  const weight = (day.weight * expected) / (expected + noisyBelow);
  const spread = ((value - expected) ** 2 - expected) / (expected * expected);
  data[at] = (data[at] ?? 0) * spreadFading + weight * Math.min(spread, 1);
  data[at + 1] = (data[at + 1] ?? 0) * spreadFading + weight;
}
