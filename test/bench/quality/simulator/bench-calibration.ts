import type { AmissEvent } from '#shared/event.ts';
import { looksPerTrain } from '#shared/explain/beat.ts';
import { createDecisions } from '../../../../services/scorer/decisions.ts';
import type { Detector, View } from '../../../../services/scorer/detectors/detector.ts';
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
const agentOf = ({ side, agent }: View) => `${side} ${agent}`;
const edgeOf = ({ side, edge }: View) => `${side} ${edge}`;
const during = (whose: (view: View) => string, windowMs: number) => (view: View) =>
  `${whose(view)} ${Math.floor(view.time / windowMs)}`;
/** What is one test where it is not each event: the least p of it counts. Counts and totals grow within their window. */
const windows: Readonly<Record<string, (view: View) => string>> = {
  volume: during(agentOf, minuteMs),
  'fan-out': during(agentOf, minuteMs),
  'edge-burst': during(edgeOf, minuteMs),
  'bytes-total': during(agentOf, hourMs),
  // Their p is a share of active minutes, however many calls one holds.
  'new-edge': during(edgeOf, minuteMs),
  'rare-caller': during(agentOf, minuteMs),
};
/** Tests that look several times at the same calls: so many in a row are one. */
const runs: Readonly<Record<string, { readonly whose: (view: View) => string; readonly length: number }>> = {
  failures: { whose: agentOf, length: 32 }, // told of the newest 32 calls
  beacon: { whose: edgeOf, length: looksPerTrain },
};
/** What these test does not occur in the streams: sessions, walks, absences, weeks of growth. */
const elsewhere = new Set([
  'turned-session',
  'slow-agent',
  'sequence',
  'lateral-chain',
  'silence',
  'slow-ramp',
]);
/** A beacon's null are memoryless calls; where they come and go with the hours they are less even than those. */
const isNullOf = ({ name }: Detector, stream: string) => name !== 'beacon' || stream !== 'seasonal';
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
      const all = tallies.get(detector.name);
      if (all === undefined || !isNullOf(detector, stream.name)) continue;
      const own = tallyOf(detector, made);
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

/** The tests of one detector alone, at both ends of each event: its own p, as it is before volume counts by half. */
function tallyOf(detector: Detector, made: readonly AmissEvent[]): Tally {
  const learned = Math.floor(made.length * learnShare);
  const tally = emptyTally();
  const least = new Map<string, number>();
  const unitOf = unitsOf(detector);
  let n = 0;
  const hear = (view: View, lnP: number) => {
    if (n < learned || lnP > 0) return;
    const unit = unitOf(view);
    if (unit === undefined) note(tally, lnP);
    else least.set(unit, Math.min(lnP, least.get(unit) ?? 0));
  };
  const engine = createEngine({
    detectors: [listenedTo(detector, hear)],
    decisions: createDecisions(),
    onSignal: () => undefined,
  });
  for (const event of made) {
    engine.process(event, 'both');
    n += 1;
  }
  for (const lnP of least.values()) note(tally, lnP);
  return tally;
}

/** The detector, with everything that it says said here as well. */
function listenedTo(detector: Detector, hear: (view: View, lnP: number) => void): Detector {
  return {
    ...detector,
    create: (surroundings) => {
      const model = detector.create(surroundings);
      return {
        ...model,
        score: (view) => {
          const lnP = model.score(view);
          hear(view, lnP);
          return lnP;
        },
      };
    },
  };
}

/** What is one test of a detector: its least p counts. `undefined`: each view of an event is one. */
function unitsOf({ name }: Detector): (view: View) => string | undefined {
  const run = runs[name];
  if (run === undefined) return windows[name] ?? (() => undefined);
  const told = new Map<string, number>();
  return (view) => {
    const whose = run.whose(view);
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
