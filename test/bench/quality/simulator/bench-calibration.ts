import { type BenchRow, plain, within } from '../../report.ts';
import type { Scratch } from '../backtest.ts';
import type { Curve } from '../picture.ts';
import { cleanStreams, isNullOf, nullLnPs, testedStatistics } from './null-tests.ts';

const events = 250_000; // of each stream
const seed = 301;
/** The first part of a stream is learned from and not counted. */
const learnShare = 0.4;
const alphas = [1e-2, 1e-3, 1e-4, 1e-5];
const bar = [0.7, 1.5] as const;
/** Fewer expected exceedances than this say too little of a ratio to hold it against the bar. */
const expectedMin = 20;
const pictured = ['volume', 'edge-burst', 'latency', 'bytes-out', 'new-edge', 'rare-action'];

interface Tally {
  tests: number;
  /** By alpha. */
  readonly exceeded: number[];
}

/** How often each statistic is as surprised as it says, on streams in which nothing is amiss. */
export async function benchCalibration(_data: string, scratch: Scratch) {
  const tallies = new Map(testedStatistics.map(({ name }) => [name, emptyTally()]));
  const rows: BenchRow[] = [];
  for (const stream of cleanStreams) {
    const made = stream.make(events, seed);
    scratch.say(`simulator: calibration on ${made.length} events, ${stream.name}`);
    for (const detector of testedStatistics) {
      const all = tallies.get(detector.name);
      if (all === undefined || !isNullOf(detector, stream)) continue;
      const own = emptyTally();
      for (const lnP of nullLnPs(detector, made, { learnShare, seed })) note(own, lnP);
      all.tests += own.tests;
      for (const i of alphas.keys()) all.exceeded[i] = (all.exceeded[i] ?? 0) + (own.exceeded[i] ?? 0);
      rows.push(...streamRows(detector.name, stream.name, own));
    }
  }
  const pooled = [...tallies].flatMap(([name, tally]) => pooledRows(name, tally));
  const judged = pooled.filter(({ met }) => met !== null);
  const share = (100 * judged.filter(({ met }) => met).length) / Math.max(1, judged.length);
  const summary = plain('simulator calibration, ratios within 0.7 to 1.5', share, `% of ${judged.length}`);
  return { rows: [summary, ...pooled, ...rows], curves: [calibrationCurve(tallies)] };
}

const emptyTally = (): Tally => ({ tests: 0, exceeded: alphas.map(() => 0) });

function note(tally: Tally, lnP: number): void {
  tally.tests += 1;
  for (const [i, alpha] of alphas.entries()) {
    if (lnP <= Math.log(alpha)) tally.exceeded[i] = (tally.exceeded[i] ?? 0) + 1;
  }
}

const ratioOf = ({ tests, exceeded }: Tally, i: number) =>
  (exceeded[i] ?? 0) / Math.max(1e-12, tests * (alphas[i] ?? 1));

function pooledRows(name: string, tally: Tally): readonly BenchRow[] {
  return alphas.map((alpha, i) => {
    const expected = tally.tests * alpha;
    const label = `simulator calibration ${name} at ${alpha.toExponential()}`;
    const unit = `realised/nominal, ${Math.round(expected)} expected`;
    const ratio = ratioOf(tally, i);
    return expected < expectedMin ? plain(label, ratio, unit) : within(label, ratio, unit, bar);
  });
}

/** The level at which a stream shows most and still says something, one row for each stream. */
function streamRows(name: string, stream: string, tally: Tally): readonly BenchRow[] {
  const i = alphas.findLastIndex((alpha) => tally.tests * alpha >= expectedMin);
  const alpha = alphas[i];
  if (alpha === undefined) return [];
  const unit = `realised/nominal, ${Math.round(tally.tests * alpha)} expected`;
  return [
    plain(`simulator calibration ${name} at ${alpha.toExponential()}, ${stream}`, ratioOf(tally, i), unit),
  ];
}

function calibrationCurve(tallies: ReadonlyMap<string, Tally>): Curve {
  const known = pictured.flatMap((name) => {
    const tally = tallies.get(name);
    return tally === undefined ? [] : [{ name, tally }];
  });
  const reference = (name: string, y: number) => ({
    name,
    isReference: true,
    points: [
      [alphas.at(-1) ?? 1, y],
      [alphas[0] ?? 1, y],
    ] as const,
  });
  return {
    title: 'simulator: calibration on clean streams',
    x: { label: 'nominal p', ticks: alphas.toReversed(), isLog: true },
    y: { label: 'realised / nominal', ticks: [0.03, 0.1, 0.3, 0.7, 1, 1.5, 3, 10], isLog: true },
    lines: [
      ...known.map(({ name, tally }) => ({
        name,
        points: alphas.flatMap((alpha, i) =>
          tally.tests * alpha < expectedMin ? [] : [[alpha, ratioOf(tally, i)] as const],
        ),
      })),
      reference('bar', bar[0]),
      reference('bar', bar[1]),
    ],
  };
}
