import type { AmissEvent } from '#shared/event.ts';
import { looksPerTrain } from '#shared/explain/beat.ts';
import { createDecisions } from '../../../../services/scorer/decisions.ts';
import type { Detector } from '../../../../services/scorer/detectors/detector.ts';
import { detectors } from '../../../../services/scorer/detectors/index.ts';
import { createEngine } from '../../../../services/scorer/engine.ts';
import { type BenchRow, plain, within } from '../../report.ts';
import type { Scratch } from '../backtest.ts';
import type { Curve } from '../picture.ts';
import { nullEvents, nullStreams } from './null-streams.ts';

const events = 250_000; // of each stream
const seed = 301;
/** The first part of a stream is learned from and not counted. */
const learnShare = 0.4;
const alphas = [1e-2, 1e-3, 1e-4, 1e-5];
const bar = [0.7, 1.5] as const;
/** Fewer expected exceedances than this say too little of a ratio to hold it against the bar. */
const expectedMin = 20;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const callerOf = ({ source }: AmissEvent) => source;
const edgeOf = ({ source, destination }: AmissEvent) => `${source} ${destination}`;
const during = (whose: (event: AmissEvent) => string, windowMs: number) => (event: AmissEvent) =>
  `${whose(event)} ${Math.floor(event.time / windowMs)}`;
/** What is one test where it is not each event: the least p of it counts. Counts and totals grow within their window. */
const windows: Readonly<Record<string, (event: AmissEvent) => string>> = {
  volume: during(callerOf, minuteMs),
  'fan-out': during(callerOf, minuteMs),
  'edge-burst': during(edgeOf, minuteMs),
  'bytes-total': during(callerOf, hourMs),
  // Their p is a share of active minutes, however many calls one holds.
  'new-edge': during(edgeOf, minuteMs),
  'rare-caller': during(callerOf, minuteMs),
};
/** Tests that look several times at the same calls: so many in a row are one. */
const runs: Readonly<
  Record<string, { readonly whose: (event: AmissEvent) => string; readonly length: number }>
> = {
  failures: { whose: callerOf, length: 32 }, // told of the newest 32 calls
  beacon: { whose: edgeOf, length: looksPerTrain },
};
/** What these test does not occur in the streams: sessions, walks, absences, weeks of growth. */
const elsewhere = new Set(['turned-session', 'sequence', 'lateral-chain', 'silence', 'slow-ramp']);
const pictured = ['volume', 'edge-burst', 'latency', 'bytes-out', 'new-edge', 'rare-action'];

interface Tally {
  tests: number;
  /** By alpha. */
  readonly exceeded: number[];
}

/** How often each statistic is as surprised as it says, on streams in which nothing is amiss. */
export async function benchCalibration(_data: string, scratch: Scratch) {
  const statistics = detectors.filter(({ kind, name }) => kind === 'statistic' && !elsewhere.has(name));
  const tallies = new Map(statistics.map(({ name }) => [name, emptyTally()]));
  const rows: BenchRow[] = [];
  for (const stream of nullStreams) {
    const made = nullEvents(stream, events, seed);
    scratch.say(`simulator: calibration on ${made.length} events, ${stream.name}`);
    for (const detector of statistics) {
      const own = tallyOf(detector, made);
      const all = tallies.get(detector.name);
      if (all === undefined) continue;
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

/** The tests of one detector alone, from the caller's end or, where it looks at that alone, from the called one's. */
function tallyOf(detector: Detector, made: readonly AmissEvent[]): Tally {
  const engine = createEngine({
    detectors: [{ ...detector, isWhole: true }], // its own p, as it is before volume counts by half
    decisions: createDecisions(),
    onSignal: () => undefined,
  });
  const ends = detector.side ?? 'source';
  const learned = Math.floor(made.length * learnShare);
  const tally = emptyTally();
  const least = new Map<string, number>();
  const unitOf = unitsOf(detector);
  for (const [n, event] of made.entries()) {
    const { lnP, detector: told } = engine.process(event, ends);
    if (n < learned || told === 'none') continue;
    const unit = unitOf(event);
    if (unit === undefined) note(tally, lnP);
    else least.set(unit, Math.min(lnP, least.get(unit) ?? 0));
  }
  for (const lnP of least.values()) note(tally, lnP);
  return tally;
}

/** What is one test of a detector: its least p counts. `undefined`: each event is one. */
function unitsOf({ name }: Detector): (event: AmissEvent) => string | undefined {
  const run = runs[name];
  if (run === undefined) return windows[name] ?? (() => undefined);
  const told = new Map<string, number>();
  return (event) => {
    const whose = run.whose(event);
    const before = told.get(whose) ?? 0;
    told.set(whose, before + 1);
    return `${whose} ${Math.floor(before / run.length)}`;
  };
}

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
