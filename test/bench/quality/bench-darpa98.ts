import { join } from 'node:path';
import { averagePrecision } from '../../../shared/stats/average-precision.ts';
import { type Ranking, ranking } from '../../../shared/stats/ranking.ts';
import { rocAuc } from '../../../shared/stats/roc-auc.ts';
import { atLeast, type BenchRow, plain } from '../report.ts';
import { backtested, cacheOf, type Scratch } from './backtest.ts';
import { type DarpaRows, darpaLearnUntil, isLowVolume, readDarpa98, writeDarpaEvents } from './darpa98.ts';
import { type Episode, episodesOf, foundByAlerts, foundByScores } from './darpa98-episodes.ts';
import { type Curve, rocCurve } from './picture.ts';

/** Alerts a day, episodes to find, and episodes that MIDAS-R finds by the best constant threshold. */
const bars = [
  { budget: 1, bar: 50, midas: 45 },
  { budget: 10, bar: 150, midas: 73 },
  { budget: 100, bar: 260, midas: 220 },
] as const;
const budgets = [1, 3, 10, 30, 100];

/** The edge stream with attack names: areas over rows, and episodes found by budget. */
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
  const counts: FoundAt[] = [];
  let scores = new Float64Array(0);
  for (const budget of budgets) {
    scratch.say(`darpa98: backtest at ${budget} alerts a day`);
    const outcome = await backtested(events, { budget, learnUntil: darpaLearnUntil, rows: rows.count });
    scores = Float64Array.from(outcome.scores);
    const byAlerts = foundByAlerts(rows, episodes, outcome.alerts);
    const byScores = foundByScores(rows, episodes, scores, budget).length;
    counts.push({ budget, byAlerts: byAlerts.length, low: countLow(byAlerts), byScores });
    const known = bars.find((one) => one.budget === budget);
    if (known === undefined) continue;
    const anchor = `MIDAS-R ${known.midas}`;
    const name = `darpa98 episodes at ${budget} a day`;
    found.push(atLeast(name, byAlerts.length, `of ${episodes.length}`, known.bar, anchor));
    found.push(plain(`${name}, low-volume`, countLow(byAlerts), `of ${lowVolume}`));
    found.push(plain(`${name}: alerts told`, outcome.alerts.length / daysOf(rows), 'a day'));
    found.push(plain(`${name}, constant threshold`, byScores, `of ${episodes.length}`, anchor));
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
    curves: [
      rocCurve('darpa98, all rows', all),
      rocCurve('darpa98, low-volume attacks', low),
      episodesCurve(counts),
    ],
  };
}

/** How many episodes are found at one budget, alerts a day. */
interface FoundAt {
  readonly budget: number;
  readonly byAlerts: number;
  /** Of low-volume attacks. */
  readonly low: number;
  /** By the best constant threshold on the scores of rows, known in hindsight. */
  readonly byScores: number;
}

const episodesCurve = (counts: readonly FoundAt[]): Curve => ({
  title: 'darpa98, episodes found by budget',
  x: { label: 'alerts a day', ticks: budgets, isLog: true },
  y: { label: 'episodes of 356', ticks: [0, 50, 100, 150, 200, 250, 300] },
  lines: [
    { name: 'alerts', points: counts.map(({ budget, byAlerts }) => [budget, byAlerts]) },
    { name: 'of low volume', points: counts.map(({ budget, low }) => [budget, low]) },
    { name: 'best threshold', points: counts.map(({ budget, byScores }) => [budget, byScores]) },
    { name: 'MIDAS-R, the same', points: bars.map(({ budget, midas }) => [budget, midas]) },
    { name: 'bar', points: bars.map(({ budget, bar }) => [budget, bar]), isReference: true },
  ],
});

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
