import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BacktestOptions, runBacktest } from '../../../services/scorer/backtest.ts';

/** What a backtest said of each row, and which alerts it told. */
export interface Outcome {
  /** Surprise by row, in input order. */
  readonly scores: Float64Array;
  readonly alerts: readonly OutcomeAlert[];
}

interface OutcomeAlert {
  readonly agent: string;
  readonly time: number;
  readonly score: number;
  readonly detectors: readonly string[];
}

export interface Scratch {
  /** A folder for converted events and outputs; kept from run to run. */
  readonly cache: string;
  readonly say: (text: string) => void;
}

/** The cache of one set, made if it is not there. */
export function cacheOf(scratch: Scratch, set: string): string {
  const folder = join(scratch.cache, set);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * The product's own backtest over one file of native events.
 *
 * @param options.budget alerts a day
 */
export async function backtested(
  file: string,
  options: Pick<BacktestOptions, 'budget' | 'learnUntil' | 'detectors' | 'decisions' | 'onAlert'> & {
    readonly rows: number;
  },
): Promise<Outcome> {
  const { rows, ...settings } = options;
  const out = { scores: `${file}.scores`, alerts: `${file}.alerts` };
  const summary = await runBacktest({ files: [file], ...out, ...settings });
  if (summary.rejected > 0) throw new Error(`${file}: ${summary.rejects.join('; ')}`);
  return { scores: readScores(out.scores, rows), alerts: readAlerts(out.alerts) };
}

const newline = 10;

/** The `score` of each line, read without an object for each of millions of lines. */
function readScores(path: string, rows: number): Float64Array {
  const bytes = readFileSync(path);
  const scores = new Float64Array(rows);
  let start = 0;
  for (let row = 0; row < rows; row += 1) {
    const end = bytes.indexOf(newline, start);
    if (end < 0) throw new Error(`${path} ends after ${row} of ${rows} scores`);
    const line = bytes.toString('latin1', start, end);
    const from = line.indexOf('"score":') + '"score":'.length;
    scores[row] = Number.parseFloat(line.slice(from, line.indexOf(',', from)));
    start = end + 1;
  }
  return scores;
}

function readAlerts(path: string): readonly OutcomeAlert[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as OutcomeAlert);
}
