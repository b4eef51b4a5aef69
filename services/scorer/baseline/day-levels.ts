/**
 * What a day of one agent holds: a negative binomial whose mean and dispersion come from days that are over for a
 * week. What is being tested must not have taught what it is tested against.
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
// Before it is known an agent's days are thought to spread by half, as strongly as five days would say.
const priorDispersion = 0.25;
const priorDays = 5;
const dispersionMin = 0.02;
// A day teaches up to three standard deviations: Huber's bounded influence.
const influenceMax = 3;

/** Reads the level whose fields begin at `at`. */
export function readLevel(data: Float64Array, at: number, into: DayLevel): void {
  into.days = data[at + days] ?? 0;
  into.mean = into.days > 0 ? ((data[at + amount] ?? 0) + 0.5) / (data[at + exposure] ?? 1) : 0;
  const prior = priorDays * into.mean * into.mean;
  const spread = ((data[at + excess] ?? 0) + priorDispersion * prior) / ((data[at + square] ?? 0) + prior);
  const dispersion = Math.max(dispersionMin, into.mean > 0 ? spread : priorDispersion);
  into.dispersion = dispersion + (dispersion + 1 / Math.max(into.mean, 0.5)) / Math.max(1, into.days);
}

/** Takes in a day that held `value` where `busyness` times the mean was expected. */
export function teachLevel(
  data: Float64Array,
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
