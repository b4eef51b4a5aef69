import { type Random, seededRandom } from '#shared/random.ts';
import { poisson } from '../../../../services/simulator/draws.ts';
import { atLeast, type BenchRow, plain } from '../../report.ts';
import type { Scratch } from '../backtest.ts';
import type { Curve } from '../picture.ts';
import {
  type Alteration,
  dayMs,
  networkStart,
  type RecordedNetwork,
  recordNetwork,
  type Told,
  tellNetwork,
} from './network-run.ts';

const seeds = [801, 802, 803];
const learnDays = 14;
const rampDays = 24;
const growthADay = 1.05;
const flaggedBefore = 3;
const budget = 10;
const network = {
  agents: 100,
  days: learnDays + rampDays,
  callsPerAgentDay: 60,
  attacks: [],
} as const;
const rampFrom = networkStart + learnDays * dayMs;
/** Services, people, devices and models: each does 5 % more every day. */
const ramped = ['app', 'user', 'sensor', 'assistant'].flatMap((role) => [2, 5, 8].map((n) => `${role}-${n}`));
/** The test that sees days grow: what is told of these agents for another reason is no ramp found. */
const seesGrowth = 'slow-ramp';

/** Agents that do 5 % more each day and hope that the measure grows with them: when they are told of. */
export async function benchRamp(_data: string, scratch: Scratch) {
  const factors: number[] = [];
  let byChance = 0;
  let ramps = 0;
  const flaggedIn = async (recorded: RecordedNetwork) =>
    flaggedOf(recorded, await tellNetwork(scratch, recorded, { budget, learnUntil: rampFrom }));
  for (const seed of seeds) {
    const options = { ...network, seed };
    const control = await recordNetwork(scratch, `unramped-${seed}`, options, grownBy(none));
    byChance += (await flaggedIn(control)).size;
    const grown = await recordNetwork(scratch, `ramped-${seed}`, options, grownBy(ramp(seededRandom(seed))));
    factors.push(...(await flaggedIn(grown)).values());
    // Who calls nobody has no days that could grow.
    ramps += ramped.filter((_, place) => grown.shownAt.has(labelOf(place))).length;
  }
  const inTime = factors.filter((factor) => factor < flaggedBefore).length;
  const median = factors.toSorted((left, right) => left - right)[Math.floor(factors.length / 2)];
  const label = 'simulator ramps of 5 % a day';
  const rows: BenchRow[] = [
    atLeast(`${label} flagged before 3 times the baseline`, (100 * inTime) / ramps, `% of ${ramps}`, 95),
    plain('simulator the same agents flagged without a ramp', (100 * byChance) / ramps, `% of ${ramps}`),
    ...(median === undefined ? [] : [plain(`${label}: median level when flagged`, median, 'times')]),
  ];
  return { rows, curves: [flaggedCurve(factors, ramps)] };
}

const levels = [1, 1.5, 2, 2.5, 3];

/** How many were flagged by the time that they had reached a level: a step at each. */
function flaggedCurve(factors: readonly number[], ramps: number): Curve {
  const inTime = factors.filter((factor) => factor < flaggedBefore).toSorted((left, right) => left - right);
  const share = (count: number) => (100 * count) / ramps;
  const steps = inTime.flatMap((factor, i) => [[factor, share(i)] as const, [factor, share(i + 1)] as const]);
  return {
    title: 'simulator, ramps flagged by level',
    x: { label: 'times the baseline', ticks: levels },
    y: { label: '% of ramps', ticks: [0, 25, 50, 75, 100] },
    lines: [
      { name: 'flagged', points: [[1, 0], ...steps, [flaggedBefore, share(inTime.length)]] },
      {
        name: 'bar',
        points: [
          [1, 95],
          [flaggedBefore, 95],
        ],
        isReference: true,
      },
    ],
  };
}

/** How many calls more a call of a ramped agent becomes. */
type Growth = (time: number) => number;

const none: Growth = () => 0;
const ramp =
  (random: Random): Growth =>
  (time) =>
    poisson(random, levelAt(time) - 1);

/** Repeats calls of the ramped agents, so that each makes as many as its day asks for; labels whose they are. */
function grownBy(growth: Growth): Alteration {
  return (event) => {
    const place = ramped.indexOf(event.source);
    if (event.time < rampFrom || place < 0) return [{ event, label: 0 }];
    return Array.from({ length: 1 + growth(event.time) }, () => ({ event, label: labelOf(place) }));
  };
}

const labelOf = (place: number) => place + 1;
const levelAt = (time: number) => growthADay ** ((time - rampFrom) / dayMs);

/** The level that each ramped agent had reached when its growth was first told of, by an alert that shows its calls. */
function flaggedOf({ labels }: RecordedNetwork, told: readonly Told[]): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  for (const { agent, time, detectors, lines } of told) {
    if (time < rampFrom || !detectors.includes(seesGrowth)) continue;
    const shown = new Set(lines.map((line) => labels[line]));
    for (const [place, grown] of ramped.entries()) {
      const isIts = agent === grown || shown.has(labelOf(place));
      if (isIts && !levels.has(grown)) levels.set(grown, levelAt(time));
    }
  }
  return levels;
}
