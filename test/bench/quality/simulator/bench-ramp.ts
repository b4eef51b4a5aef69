import { type Random, seededRandom } from '#shared/random.ts';
import { poisson } from '../../../../services/simulator/draws.ts';
import { atLeast, type BenchRow, plain } from '../../report.ts';
import type { Scratch } from '../backtest.ts';
import {
  type Alteration,
  dayMs,
  networkStart,
  recordNetwork,
  type Told,
  tellNetwork,
} from './network-run.ts';

const seed = 801;
const learnDays = 14;
const rampDays = 24;
const growthADay = 1.05;
const flaggedBefore = 3;
const budget = 10;
const network = {
  agents: 100,
  days: learnDays + rampDays,
  callsPerAgentDay: 60,
  seed,
  attacks: [],
} as const;
const rampFrom = networkStart + learnDays * dayMs;
/** Services, people, devices and models: each does 5 % more every day. */
const ramped = ['app', 'user', 'sensor', 'assistant'].flatMap((role) => [2, 5, 8].map((n) => `${role}-${n}`));
/** What speaks of more than usual. */
const ofVolume = new Set(['volume', 'edge-burst', 'slow-ramp', 'bytes-total', 'bytes-out', 'fan-out']);
const rampLabel = 1;

/** Agents that do 5 % more each day and hope that the measure grows with them: when they are told of. */
export async function benchRamp(_data: string, scratch: Scratch) {
  const control = await recordNetwork(scratch, 'unramped', network);
  const recorded = await recordNetwork(scratch, 'ramped', network, ramp(seededRandom(seed)));
  const options = { budget, learnUntil: rampFrom };
  const isOfRamp = ({ lines }: Told) => lines.some((line) => recorded.labels[line] === rampLabel);
  const flagged = flaggedOf((await tellNetwork(scratch, recorded, options)).filter(isOfRamp));
  const byChance = flaggedOf(await tellNetwork(scratch, control, options));
  const factors = [...flagged.values()].sort((left, right) => left - right);
  const inTime = factors.filter((factor) => factor < flaggedBefore).length;
  const median = factors[Math.floor(factors.length / 2)];
  const rows: BenchRow[] = [
    atLeast(
      'simulator ramps of 5 % a day flagged before 3 times the baseline',
      (100 * inTime) / ramped.length,
      `% of ${ramped.length}`,
      95,
    ),
    plain(
      'simulator the same agents flagged without a ramp',
      (100 * byChance.size) / ramped.length,
      `% of ${ramped.length}`,
    ),
    ...(median === undefined ? [] : [plain('simulator ramps: median level when flagged', median, 'times')]),
  ];
  return { rows, curves: [] };
}

/** Repeats calls of the ramped agents, so that each makes as many as its day asks for. */
function ramp(random: Random): Alteration {
  const growing = new Set(ramped);
  return (event) => {
    const own = [{ event, label: 0 }];
    if (event.time < rampFrom || !growing.has(event.source)) return own;
    const more = poisson(random, levelAt(event.time) - 1);
    return [...own, ...Array.from({ length: more }, () => ({ event, label: rampLabel }))];
  };
}

const levelAt = (time: number) => growthADay ** ((time - rampFrom) / dayMs);

/** The level that each ramped agent had reached when it was first told of. */
function flaggedOf(told: readonly Told[]): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  for (const { agent, time, detectors } of told) {
    if (!ramped.includes(agent) || levels.has(agent) || time < rampFrom) continue;
    if (detectors.some((detector) => ofVolume.has(detector))) levels.set(agent, levelAt(time));
  }
  return levels;
}
