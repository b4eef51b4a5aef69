import type { AmissEvent } from '#shared/event.ts';
import { looksPerTrain } from '#shared/explain/beat.ts';
import { emptyCategory, tiesOfCategory } from '#shared/explain/category.ts';
import { type Random, seededRandom } from '#shared/random.ts';
import { createDecisions } from '../../../../services/scorer/decisions.ts';
import type { Detector, DetectorModel, View } from '../../../../services/scorer/detectors/detector.ts';
import { detectors } from '../../../../services/scorer/detectors/index.ts';
import { createEngine } from '../../../../services/scorer/engine/engine.ts';
import { nullEvents, nullStreams } from './null-streams.ts';
import { nullTasks } from './null-tasks.ts';

/** A stream in which nothing is amiss, and how it is made of about so many events. */
export interface CleanStream {
  readonly name: string;
  readonly make: (events: number, seed: number) => readonly AmissEvent[];
}

const tasks: CleanStream = { name: 'tasks', make: nullTasks };
export const cleanStreams: readonly CleanStream[] = [
  ...nullStreams.map((stream) => ({
    name: stream.name,
    make: (events: number, seed: number) => nullEvents(stream, events, seed),
  })),
  tasks,
];

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
/** Tests of tasks, and the views that they are asked about; what they do not speak of is not unusual. */
const ofTasks: Readonly<Record<string, (view: View) => boolean>> = {
  'turned-session': ({ side, event }) => side === 'source' && event.session !== undefined,
  sequence: ({ side, event }) => side === 'source' && event.source.startsWith('service'),
  'slow-agent': ({ side, event }) => side === 'destination' && event.destination.startsWith('service'),
};
/** Tests of things, whose p moves in steps: a rarest action of one call in 125 leaves nothing below 1 in 250. */
const stepped: ReadonlySet<string> = new Set(['rare-action', 'new-resource']);
/** Whose null does not occur in these streams (walks), and who say no p but that of a bound (absences, growth). */
const elsewhere: ReadonlySet<string> = new Set(['lateral-chain', 'silence', 'slow-ramp']);

/** The statistics that are tested on these streams. */
export const testedStatistics = detectors.filter(
  ({ kind, name }) => kind === 'statistic' && !elsewhere.has(name),
);

/** Is nothing amiss in the stream as this statistic sees it, and is there something for it to test? */
export function isNullOf({ name }: Detector, { name: stream }: CleanStream): boolean {
  if (stream === tasks.name || ofTasks[name] !== undefined)
    return stream === tasks.name && ofTasks[name] !== undefined;
  // A beacon's null are memoryless calls; where they come and go with the hours they are less even than those.
  return name !== 'beacon' || stream !== 'seasonal';
}

/**
 * ln p of each test of one detector alone in a stream, at both ends of each event: its own p, as it is before it is
 * combined with others. Where p moves in steps it is drawn evenly from the step, P(X < x) + U P(X = x), whose mean is
 * the mid-p: under the null that is uniform at any level, and a mid-p at no level between two steps.
 *
 * @param learnShare the first part of the stream, which is learned from and not counted
 * @param seed of U
 * @source randomised p-values: Lehmann & Romano 2005, Testing Statistical Hypotheses, 3.3
 */
export function nullLnPs(
  detector: Detector,
  events: readonly AmissEvent[],
  { learnShare, seed }: { readonly learnShare: number; readonly seed: number },
): readonly number[] {
  const learned = Math.floor(events.length * learnShare);
  const random = seededRandom(seed);
  const lnPs: number[] = [];
  const least = new Map<string, number>();
  const unitOf = unitsOf(detector);
  const isAsked = ofTasks[detector.name];
  let n = 0;
  const hear = (view: View, said: number, model: DetectorModel) => {
    if (n < learned || (isAsked === undefined ? said > 0 : !isAsked(view))) return;
    const lnP = stepped.has(detector.name) && said < 0 ? withinStep(model, view, random) : Math.min(0, said);
    const unit = unitOf(view);
    if (unit === undefined) lnPs.push(lnP);
    else least.set(unit, Math.min(lnP, least.get(unit) ?? 0));
  };
  const engine = createEngine({
    detectors: [listenedTo(detector, hear)],
    decisions: createDecisions(),
    onSignal: () => undefined,
  });
  for (const event of events) {
    engine.process(event, 'both');
    n += 1;
  }
  return [...lnPs, ...least.values()];
}

/** The detector, with everything that it says said here as well. */
function listenedTo(
  detector: Detector,
  hear: (view: View, said: number, model: DetectorModel) => void,
): Detector {
  return {
    ...detector,
    create: (surroundings) => {
      const model = detector.create(surroundings);
      return {
        ...model,
        score: (view) => {
          const said = model.score(view);
          hear(view, said, model);
          return said;
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

/** ln p of a thing, drawn evenly from the step that ends with it. */
function withinStep(model: DetectorModel, view: View, random: Random): number {
  const step = model.evidence(view).working?.steps[0];
  const numbers = Object.assign(emptyCategory(), step?.numbers);
  const lnP = model.score(view);
  return Math.min(0, Math.log(Math.exp(lnP) + (random.next() - 0.5) * tiesOfCategory(numbers)));
}
