/**
 * RITA's beacon score of one edge and day, 0 to 1: the mean of four sub-scores, on the regularity of the intervals, of
 * the sizes, of the calls by hour, and on how much of the day they cover. Ours beside it, to compare.
 *
 * @param times of the calls, UTC ms, ascending; fewer than four have no score and give 0
 * @param sizes bytes of each call
 * @param from start of the day, UTC ms
 * @source activecm/rita v5 analysis/beacons.go, as the detection reference describes it (2.4)
 */
export function ritaScore(times: readonly number[], sizes: readonly number[], from: number): number {
  if (times.length < callsMin) return 0;
  const intervals = times.slice(1).map((time, i) => (time - (times[i] ?? 0)) / 1000);
  const hours = hoursOf(times, from);
  return (evenness(intervals) + evenness(sizes) + steadiness(hours) + coverage(hours, times)) / 4;
}

const callsMin = 4;
const dayHours = 24;
const hourMs = 3_600_000;
const longRunHours = 12;
const bimodalHoursMin = 11;

/** How symmetric and how narrow values are. */
function evenness(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const [lower, middle, upper] = [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)];
  const deviations = sorted.map((value) => Math.abs(value - middle)).sort((left, right) => left - right);
  const skew = upper === lower ? 0 : (lower + upper - 2 * middle) / (upper - lower);
  const narrowness = middle === 0 ? 0 : Math.max(0, (middle - quantile(deviations, 0.5)) / middle);
  return (1 - Math.abs(skew) + narrowness) / 2;
}

function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? 0;
  return below + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? 0) - below);
}

function hoursOf(times: readonly number[], from: number): readonly number[] {
  const hours = Array.from({ length: dayHours }, () => 0);
  for (const time of times) {
    const hour = Math.floor((time - from) / hourMs);
    if (hour >= 0 && hour < dayHours) hours[hour] = (hours[hour] ?? 0) + 1;
  }
  return hours;
}

/** How equal the hours are, or how well two levels describe them. */
function steadiness(hours: readonly number[]): number {
  const mean = hours.reduce((sum, calls) => sum + calls, 0) / dayHours;
  const variance = hours.reduce((sum, calls) => sum + (calls - mean) ** 2, 0) / dayHours;
  const even = mean === 0 ? 0 : Math.max(0, 1 - Math.sqrt(variance) / mean);
  const active = hours.filter((calls) => calls > 0);
  if (active.length < bimodalHoursMin) return even;
  const levels = new Map<number, number>();
  for (const calls of active) levels.set(calls, (levels.get(calls) ?? 0) + 1);
  const [first = 0, second = 0] = [...levels.values()].sort((left, right) => right - left);
  return Math.max(even, (first + second) / active.length);
}

/** The share of the day from the first call to the last, or the longest run of hours with calls, of half a day. */
function coverage(hours: readonly number[], times: readonly number[]): number {
  const span = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / (dayHours * hourMs);
  let longest = 0;
  let run = 0;
  for (const calls of hours) {
    run = calls > 0 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return Math.min(1, Math.max(span, longest / longRunHours));
}
