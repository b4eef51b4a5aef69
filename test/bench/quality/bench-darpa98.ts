import { join } from 'node:path';
import { averagePrecision } from '../../../shared/stats/average-precision.ts';
import { type Ranking, ranking } from '../../../shared/stats/ranking.ts';
import { rocAuc } from '../../../shared/stats/roc-auc.ts';
import { atLeast, type BenchRow, plain } from '../report.ts';
import { backtested, cacheOf, type Scratch } from './backtest.ts';
import { type DarpaRows, darpaLearnUntil, isLowVolume, readDarpa98, writeDarpaEvents } from './darpa98.ts';
import { type Episode, episodesOf, foundByAlerts, foundByScores } from './darpa98-episodes.ts';
import { type Curve, rocCurve } from './picture.ts';

const budgets = [
  { budget: 1, bar: 50, anchor: 'MIDAS-R 45' },
  { budget: 10, bar: 150, anchor: 'MIDAS-R 73' },
  { budget: 100, bar: 260, anchor: 'MIDAS-R 220' },
] as const;

/** The edge stream with attack names: areas over rows, and episodes found at three budgets. */
export async function benchDarpa98(
  data: string,
  scratch: Scratch,
): Promise<{ readonly rows: readonly BenchRow[]; readonly curves: readonly Curve[] }> {
  const rows = readDarpa98(join(data, 'darpa98', 'darpa_original.zip'));
  const events = join(cacheOf(scratch, 'darpa98'), 'events.ndjson');
  await writeDarpaEvents(rows, events);
  const episodes = episodesOf(rows);
  const lowVolume = episodes.filter((episode) => episode.isLowVolume).length;
  const found: BenchRow[] = [];
  let scores = new Float64Array(0);
  for (const { budget, bar, anchor } of budgets) {
    scratch.say(`darpa98: backtest at ${budget} alerts a day`);
    const outcome = await backtested(events, { budget, learnUntil: darpaLearnUntil, rows: rows.count });
    scores = Float64Array.from(outcome.scores);
    const byAlerts = foundByAlerts(rows, episodes, outcome.alerts);
    const name = `darpa98 episodes at ${budget} a day`;
    found.push(atLeast(name, byAlerts.length, `of ${episodes.length}`, bar, anchor));
    found.push(plain(`${name}, low-volume`, countLow(byAlerts), `of ${lowVolume}`));
    found.push(plain(`${name}: alerts told`, outcome.alerts.length / daysOf(rows), 'a day'));
    const byScores = foundByScores(rows, episodes, scores, budget);
    found.push(plain(`${name}, constant threshold`, byScores.length, `of ${episodes.length}`, anchor));
  }
  const all = rankingOf(rows, scores, () => true);
  const low = rankingOf(rows, scores, (label) => label === 0 || isLowVolume(rows.attacks[label] ?? ''));
  return {
    rows: [
      atLeast('darpa98 AUC-ROC, all rows', rocAuc(all), '', 0.98, 'MIDAS-F 0.972'),
      plain('darpa98 AUC-PR, all rows', averagePrecision(all), ''),
      atLeast('darpa98 AUC-ROC, low-volume', rocAuc(low), '', 0.75, 'MIDAS-R 0.547'),
      plain('darpa98 AUC-PR, low-volume', averagePrecision(low), ''),
      ...found,
    ],
    curves: [rocCurve('darpa98, all rows', all), rocCurve('darpa98, low-volume attacks', low)],
  };
}

const countLow = (episodes: readonly Episode[]) => episodes.filter((episode) => episode.isLowVolume).length;

const dayMs = 86_400_000;
const daysOf = (rows: DarpaRows) => ((rows.times[rows.count - 1] ?? 0) - darpaLearnUntil) / dayMs;

function rankingOf(rows: DarpaRows, scores: Float64Array, isIn: (label: number) => boolean): Ranking {
  const kept: number[] = [];
  for (let i = 0; i < rows.count; i += 1) if (isIn(rows.labels[i] ?? 0)) kept.push(i);
  return ranking(
    Float64Array.from(kept, (i) => scores[i] ?? 0),
    Uint8Array.from(kept, (i) => ((rows.labels[i] ?? 0) === 0 ? 0 : 1)),
  );
}
