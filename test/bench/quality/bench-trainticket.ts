import { join } from 'node:path';
import { atLeast, type BenchRow, plain } from '../report.ts';
import { backtested, cacheOf, type Scratch } from './backtest.ts';
import type { Curve } from './picture.ts';
import { placeByAlerts, placeByScores, readCalls, readFaults, writeCallEvents } from './trainticket.ts';

const budget = 1000; // captures of three minutes: the README's protocol
const anchorFirst = 'naive 27 %, Nezha with logs and metrics 87 %';
const anchorThird = 'naive 47 %, Nezha with logs and metrics 98 %';

/** Service calls with injected faults: the place of the faulty pod. */
export async function benchTrainticket(
  data: string,
  scratch: Scratch,
): Promise<{ readonly rows: readonly BenchRow[]; readonly curves: readonly Curve[] }> {
  const folder = join(data, 'nezha_trainticket');
  const calls = readCalls(join(folder, 'calls.csv.gz'));
  const faults = readFaults(join(folder, 'faults.csv'));
  const events = join(cacheOf(scratch, 'trainticket'), 'events.ndjson');
  writeCallEvents(calls, events);
  scratch.say('trainticket: backtest');
  const { scores, alerts } = await backtested(events, { budget, rows: calls.length });
  const byScores = faults.map((fault) => placeByScores(fault, calls, scores));
  const byAlerts = faults.map((fault) => placeByAlerts(fault, alerts));
  const types = [...new Set(faults.map((fault) => fault.type))].sort();
  const ofType = (type: string) => byScores.filter((_, i) => faults[i]?.type === type);
  return {
    rows: [
      atLeast('trainticket first, by scores', share(byScores, 1), '%', 50, anchorFirst),
      atLeast('trainticket top three, by scores', share(byScores, 3), '%', 75, anchorThird),
      plain('trainticket first, by alerts', share(byAlerts, 1), '%', anchorFirst),
      plain('trainticket top three, by alerts', share(byAlerts, 3), '%', anchorThird),
      ...types.map((type) => plain(`trainticket top three, ${type}`, share(ofType(type), 3), '%')),
    ],
    curves: [
      {
        title: 'trainticket: the faulty pod is among the first',
        x: { label: 'place', ticks: [0, 5, 10, 15, 20] },
        y: { label: 'share of faults', ticks: [0, 0.25, 0.5, 0.75, 1] },
        lines: [
          {
            name: 'found',
            points: Array.from({ length: 21 }, (_, place) => [place, share(byScores, place) / 100] as const),
          },
        ],
      },
    ],
  };
}

/** The share of places that are no worse than `limit`, in per cent. */
function share(places: readonly number[], limit: number): number {
  return (100 * places.filter((place) => place <= limit).length) / places.length;
}
