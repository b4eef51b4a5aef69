import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Scratch } from './quality/backtest.ts';
import { benchAgentdojo } from './quality/bench-agentdojo.ts';
import { benchDarpa98 } from './quality/bench-darpa98.ts';
import { benchNab } from './quality/bench-nab.ts';
import { benchTrainticket } from './quality/bench-trainticket.ts';
import { type Curve, fileNameOf, pictureOf } from './quality/picture.ts';
import { benchAttacks } from './quality/simulator/bench-attacks.ts';
import { benchBeacons } from './quality/simulator/bench-beacons.ts';
import { benchBudget } from './quality/simulator/bench-budget.ts';
import { benchCalibration } from './quality/simulator/bench-calibration.ts';
import { benchChains } from './quality/simulator/bench-chains.ts';
import { benchChanges } from './quality/simulator/bench-changes.ts';
import { benchMemory } from './quality/simulator/bench-memory.ts';
import { benchNewcomers } from './quality/simulator/bench-newcomers.ts';
import { benchRamp } from './quality/simulator/bench-ramp.ts';
import { type BenchRow, reportRows } from './report.ts';

// `npm run bench:quality -- [--only SET,...] [--json FILE] [--data FOLDER] [--pictures FOLDER]`: how well Amiss
// detects, on public data and on its own simulator, each figure from the product's own backtest.

type Bench = (
  data: string,
  scratch: Scratch,
) => Promise<{ rows: readonly BenchRow[]; curves: readonly Curve[] }>;

const root = resolve(import.meta.dirname, '../..');
const sets: Readonly<Record<string, { readonly folder: string | null; readonly bench: Bench }>> = {
  darpa98: { folder: 'darpa98', bench: benchDarpa98 },
  trainticket: { folder: 'nezha_trainticket', bench: benchTrainticket },
  agentdojo: { folder: 'agentdojo', bench: benchAgentdojo },
  nab: { folder: 'nab', bench: benchNab },
  attacks: { folder: null, bench: benchAttacks },
  budget: { folder: null, bench: benchBudget },
  calibration: { folder: null, bench: benchCalibration },
  beacons: { folder: null, bench: benchBeacons },
  chains: { folder: null, bench: benchChains },
  newcomers: { folder: null, bench: benchNewcomers },
  changes: { folder: null, bench: benchChanges },
  ramp: { folder: null, bench: benchRamp },
  memory: { folder: null, bench: benchMemory },
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(sets).join(',') },
    json: { type: 'string' },
    data: { type: 'string', default: process.env['AMISS_DATA_SETS'] ?? resolve(root, '../shared/data') },
    pictures: { type: 'string', default: join(root, 'docs/benchmarks') },
  },
});

const scratch: Scratch = {
  cache: join(root, '.cache/quality'),
  say: (text) => process.stderr.write(`${text}\n`),
};
const rows: BenchRow[] = [];
for (const name of values.only.split(',')) {
  const set = sets[name];
  if (set === undefined) {
    scratch.say(`no set is named ${name}; known: ${Object.keys(sets).join(', ')}`);
    process.exit(2);
  }
  if (set.folder !== null && !existsSync(join(values.data, set.folder))) {
    scratch.say(
      `${name}: no folder ${set.folder} in ${values.data}; name the right place by --data or AMISS_DATA_SETS`,
    );
    process.exitCode = 1;
    continue;
  }
  const { rows: measured, curves } = await set.bench(values.data, scratch);
  rows.push(...measured);
  mkdirSync(values.pictures, { recursive: true });
  for (const curve of curves) writeFileSync(join(values.pictures, fileNameOf(curve)), pictureOf(curve));
}
reportRows(rows, process.argv);
