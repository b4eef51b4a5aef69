import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert } from '../../../shared/alert.ts';
import { type BenchRow, plain } from '../report.ts';
import { backtested, cacheOf, type Scratch } from './backtest.ts';
import { eventsOfSeries, nabScore, readSeries, type Series } from './nab.ts';

const anchor = 'Random Cut Forest 51.7, ARTime 74.9, random 11 (labels criticised by Wu & Keogh 2021)';

const budget = 1; // alerts a day: one series is one thing to watch

interface Scored {
  readonly series: Series;
  readonly scores: Float64Array;
}

/** Single metrics, for reference: they test a baseline by itself, and nothing of who speaks with whom. */
export async function benchNab(data: string, scratch: Scratch) {
  const all = readSeries(join(data, 'nab', 'nab.tar.gz'));
  const file = join(cacheOf(scratch, 'nab'), 'series.ndjson');
  scratch.say(`nab: a backtest for each of ${all.length} series`);
  const corpus: Scored[] = [];
  const told: Scored[] = [];
  for (const series of all) {
    const events = eventsOfSeries(series);
    writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    const ofAlerts = new Float64Array(events.length);
    const onAlert = ({ events: [id], score }: Alert) => {
      ofAlerts[Number(id)] = score; // the event that made it tell
    };
    const { scores } = await backtested(file, { rows: events.length, budget, onAlert });
    corpus.push({ series, scores });
    told.push({ series, scores: ofAlerts });
  }
  const kinds = [...new Set(all.filter(({ windows }) => windows.length > 0).map(kindOf))];
  const rows: BenchRow[] = [
    plain('nab standard profile, by what is told', nabScore(told), 'of 100', anchor),
    plain('nab standard profile, by scores of all rows', nabScore(corpus), 'of 100', anchor),
    ...kinds.map((kind) =>
      plain(
        `nab standard profile, ${kind} alone`,
        nabScore(told.filter(({ series }) => kindOf(series) === kind)),
        'of 100',
      ),
    ),
  ];
  return { rows, curves: [] };
}

const kindOf = ({ name }: Series) => name.slice(0, name.indexOf('/'));
