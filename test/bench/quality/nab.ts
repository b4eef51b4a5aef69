import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { untar } from './archive.ts';

/** One series of the Numenta Anomaly Benchmark. */
export interface Series {
  /** `realTweets/Twitter_volume_AAPL.csv` */
  readonly name: string;
  /** UTC ms, ascending. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** First and last row of each labelled window. */
  readonly windows: readonly (readonly [first: number, last: number])[];
}

// NAB's standard profile. @source numenta/NAB config/profiles.json, nab/sweeper.py, nab/util.py
const falsePositiveWeight = 0.11;
const probationShare = 0.15;
const probationRowsMax = 750;
// Positions beyond three window widths after a window cost the full weight.
const positionMax = 3;

/** The rows at the beginning of a series in which nothing counts. */
export const probationOf = (rows: number) => Math.min(Math.floor(probationShare * rows), probationRowsMax);

/** All series of the packed benchmark. */
export function readSeries(path: string): readonly Series[] {
  const files = untar(gunzipSync(readFileSync(path)));
  const labels = files.get('labels/combined_windows.json');
  if (labels === undefined) throw new Error(`${path} holds no labels/combined_windows.json`);
  const windows = JSON.parse(labels.toString('utf8')) as Record<string, readonly [string, string][]>;
  return Object.keys(windows)
    .sort()
    .map((name) => {
      const csv = files.get(`data/${name}`);
      if (csv === undefined) throw new Error(`${path} holds no data/${name}`);
      return seriesOf(name, csv.toString('utf8'), windows[name] ?? []);
    });
}

function seriesOf(name: string, csv: string, labelled: readonly [string, string][]): Series {
  const rows = csv.trim().split(/\r?\n/).slice(1);
  const times = Float64Array.from(rows, (row) => timeOf(row.slice(0, row.indexOf(','))));
  const values = Float64Array.from(rows, (row) => Number(row.slice(row.indexOf(',') + 1)));
  const windows = labelled.map(([from, to]): readonly [number, number] => {
    const first = times.findIndex((time) => time >= timeOf(from));
    const last = times.findLastIndex((time) => time <= timeOf(to));
    return [first, last];
  });
  return { name, times, values, windows };
}

const timeOf = (text: string) => Date.parse(`${text.trim().replace(' ', 'T')}Z`);

// How the size of a message stands for a value: so many bytes for the usual one, and e to this power for each standard
// deviation above it, so that the logarithm of the size, which is what the detectors judge, goes with the value.
const usualBytes = 10_000;
const foldsADeviation = 0.5;
const deviationsMax = 24; // e^12: beyond it a size would no longer be a whole number

/**
 * A series as messages of one agent: the further above its usual value, the larger what is sent; the further below,
 * the larger the answer. What is usual is what the probation shows, where no detection counts.
 */
export function eventsOfSeries({ name, times, values }: Series): readonly object[] {
  const { center, deviation } = usualOf(values.subarray(0, probationOf(values.length)));
  const bytes = (deviations: number) =>
    Math.round(
      usualBytes * Math.exp(foldsADeviation * Math.max(-deviationsMax, Math.min(deviationsMax, deviations))),
    );
  return Array.from(values, (value, row) => {
    const deviations = (value - center) / deviation;
    return {
      time: times[row],
      source: name,
      destination: 'store',
      source_kind: 'device',
      destination_kind: 'service',
      action: 'report',
      outcome: 'success',
      bytes_out: bytes(deviations),
      bytes_in: bytes(-deviations),
    };
  });
}

/** Median and standard deviation of the probation; of a constant one a hundredth of its value, or 1. */
function usualOf(values: Float64Array): { readonly center: number; readonly deviation: number } {
  const center = values.toSorted()[values.length >> 1] ?? 0;
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length;
  return { center, deviation: Math.max(Math.sqrt(variance), Math.abs(center) / 100) || 1 };
}

/** A row that may be detected: what its detection is worth. */
interface Row {
  readonly score: number;
  /** The window that it lies in, or -1. */
  readonly window: number;
  readonly worth: number;
}

/** 1 at the left end of a window, 0 at its right end, towards -1 after it. */
const sigmoid = (position: number) => (position > positionMax ? -1 : 2 / (1 + Math.exp(5 * position)) - 1);

/** What the detection of each row after the probation would be worth. */
function rowsOf({ values, windows }: Series, scores: Float64Array, firstWindow: number): readonly Row[] {
  const rows: Row[] = [];
  let passed = -1; // the last window that ended
  for (let row = 0; row < values.length; row += 1) {
    while (row > (windows[passed + 1]?.[1] ?? Number.POSITIVE_INFINITY)) passed += 1;
    if (row < probationOf(values.length)) continue;
    const score = scores[row] ?? 0;
    const [first, last] = windows[passed + 1] ?? [Number.POSITIVE_INFINITY, 0];
    if (row >= first) {
      const position = -(last - row + 1) / (last - first + 1);
      rows.push({ score, window: firstWindow + passed + 1, worth: sigmoid(position) / sigmoid(-1) });
    } else {
      rows.push({ score, window: -1, worth: falsePositiveWeight * worthAfter(windows[passed], row) });
    }
  }
  return rows;
}

function worthAfter(window: readonly [number, number] | undefined, row: number): number {
  if (window === undefined) return -1;
  const [first, last] = window;
  return sigmoid((row - last) / (last - first));
}

/**
 * NAB's score of a detector: at the one threshold for the whole corpus that is best, 0 for no detection at all and
 * 100 for each window at its left end and nothing else.
 *
 * @source Lavin & Ahmad 2015, arXiv 1510.03336; numenta/NAB nab/sweeper.py
 */
export function nabScore(
  corpus: readonly { readonly series: Series; readonly scores: Float64Array }[],
): number {
  const rows: Row[] = [];
  let windows = 0;
  for (const { series, scores } of corpus) {
    for (const row of rowsOf(series, scores, windows)) rows.push(row);
    windows += series.windows.length;
  }
  rows.sort((left, right) => right.score - left.score);
  const best = new Float64Array(windows).fill(-1); // a window that is missed costs 1
  let score = -windows;
  let highest = score;
  for (const [i, { window, worth, score: threshold }] of rows.entries()) {
    if (window < 0) score += worth;
    else if (worth > (best[window] ?? 0)) {
      score += worth - (best[window] ?? 0);
      best[window] = worth;
    }
    // Rows of one score are detected together or not at all.
    if (rows[i + 1]?.score !== threshold) highest = Math.max(highest, score);
  }
  return (100 * (highest + windows)) / (2 * windows);
}
