import { type DarpaRows, darpaLearnUntil, isLowVolume } from './darpa98.ts';

/** One attack as it went on: the rows of one name with gaps of an hour or less. */
export interface Episode {
  readonly attack: string;
  readonly isLowVolume: boolean;
  readonly from: number;
  readonly to: number;
  /** Indexes into the rows. */
  readonly rows: readonly number[];
  /** The agents at either end of its rows. */
  readonly parties: ReadonlySet<number>;
}

const gapMsMax = 60 * 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
/** An alert counts until ten minutes after the episode's last row. */
const graceMs = 10 * 60_000;

/** The attack episodes that begin after the warm-up. */
export function episodesOf(rows: DarpaRows): readonly Episode[] {
  const open = new Map<number, number[][]>();
  for (let i = 0; i < rows.count; i += 1) {
    const label = rows.labels[i] ?? 0;
    if (label === 0) continue;
    const ofName = open.get(label) ?? [];
    open.set(label, ofName);
    const current = ofName.at(-1);
    const last = current?.at(-1);
    if (current !== undefined && last !== undefined && timeOf(rows, i) - timeOf(rows, last) <= gapMsMax) {
      current.push(i);
    } else ofName.push([i]);
  }
  return [...open]
    .flatMap(([label, groups]) => groups.map((group) => toEpisode(rows, label, group)))
    .filter((episode) => episode.from >= darpaLearnUntil)
    .sort((left, right) => left.from - right.from);
}

const timeOf = (rows: DarpaRows, row: number) => rows.times[row] ?? 0;

function toEpisode(rows: DarpaRows, label: number, group: readonly number[]): Episode {
  const attack = rows.attacks[label] ?? '';
  const parties = new Set<number>();
  for (const row of group) parties.add(rows.sources[row] ?? 0).add(rows.destinations[row] ?? 0);
  return {
    attack,
    isLowVolume: isLowVolume(attack),
    from: timeOf(rows, group[0] ?? 0),
    to: timeOf(rows, group.at(-1) ?? 0),
    rows: group,
    parties,
  };
}

/** Protocol (b), which is what counts: an alert about a party, from the first row to ten minutes after the last. */
export function foundByAlerts(
  rows: DarpaRows,
  episodes: readonly Episode[],
  alerts: readonly { readonly agent: string; readonly time: number }[],
): readonly Episode[] {
  const slots = new Map(rows.agents.map((agent, slot) => [agent, slot]));
  const timed = alerts.map(({ agent, time }) => ({ agent: slots.get(agent) ?? -1, time }));
  return episodes.filter(({ from, to, parties }) =>
    timed.some(({ agent, time }) => time >= from && time <= to + graceMs && parties.has(agent)),
  );
}

/**
 * Protocol (a), from scores alone: one threshold for the whole span after the warm-up, the lowest that makes at
 * most `budget` alerts a day on average, where an alert is one agent in one clock hour with a row at or above it.
 */
export function foundByScores(
  rows: DarpaRows,
  episodes: readonly Episode[],
  scores: Float64Array,
  budget: number,
): readonly Episode[] {
  const threshold = thresholdOf(rows, scores, budget);
  return episodes.filter((episode) => episode.rows.some((row) => (scores[row] ?? 0) >= threshold));
}

/** The lowest threshold within the budget, by bisection over the distinct scores. */
function thresholdOf(rows: DarpaRows, scores: Float64Array, budget: number): number {
  let first = 0;
  while (first < rows.count && timeOf(rows, first) < darpaLearnUntil) first += 1;
  const days = (timeOf(rows, rows.count - 1) - darpaLearnUntil) / dayMs;
  const candidates = scores.slice(first).sort();
  let low = 0; // index of a candidate that may be too low
  let high = candidates.length; // beyond the end: no alert at all
  while (low < high) {
    const middle = (low + high) >> 1;
    const alerts = alertsAt(rows, scores, first, candidates[middle] ?? 0);
    if (alerts <= budget * days) high = middle;
    else low = middle + 1;
  }
  return candidates[high] ?? Number.POSITIVE_INFINITY;
}

/** How many alerts a threshold makes: a row belongs to whichever of its agents has more such peers in that hour. */
function alertsAt(rows: DarpaRows, scores: Float64Array, first: number, threshold: number): number {
  let alerts = 0;
  let hour = -1;
  let edges = new Map<number, readonly [number, number]>();
  const close = () => {
    alerts += agentsToBlame([...edges.values()]).size;
    edges = new Map();
  };
  for (let i = first; i < rows.count; i += 1) {
    if ((scores[i] ?? 0) < threshold) continue;
    const rowHour = Math.floor(timeOf(rows, i) / hourMs);
    if (rowHour !== hour) close();
    hour = rowHour;
    const source = rows.sources[i] ?? 0;
    const destination = rows.destinations[i] ?? 0;
    edges.set(source * rows.agents.length + destination, [source, destination]);
  }
  close();
  return alerts;
}

function agentsToBlame(edges: readonly (readonly [number, number])[]): ReadonlySet<number> {
  const peers = new Map<number, Set<number>>();
  const note = (agent: number, peer: number) => {
    const known = peers.get(agent) ?? new Set();
    peers.set(agent, known.add(peer));
  };
  for (const [source, destination] of edges) {
    note(source, destination);
    note(destination, source);
  }
  const blamed = new Set<number>();
  for (const [source, destination] of edges) {
    const ofSource = peers.get(source)?.size ?? 0;
    const ofDestination = peers.get(destination)?.size ?? 0;
    blamed.add(ofDestination > ofSource ? destination : source);
  }
  return blamed;
}
