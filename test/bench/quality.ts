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
import { type BenchRow, reportRows, tableOf } from './report.ts';

// `npm run bench:quality -- [--only SET,...] [--json FILE] [--data FOLDER] [--pictures FOLDER]`: how well Amiss
// detects, on public data and on its own simulator, each figure from the product's own backtest.

type Bench = (
  data: string,
  scratch: Scratch,
) => Promise<{ rows: readonly BenchRow[]; curves: readonly Curve[] }>;

const root = resolve(import.meta.dirname, '../..');

/** Public sets, with the folder that each is in. */
const publicSets: Readonly<Record<string, readonly [folder: string, bench: Bench]>> = {
  darpa98: ['darpa98', benchDarpa98],
  trainticket: ['nezha_trainticket', benchTrainticket],
  agentdojo: ['agentdojo', benchAgentdojo],
  nab: ['nab', benchNab],
};

/** Parts of the simulator's set: `--only simulator` is all of them, `--only beacons` is one. */
const simulatorParts: Readonly<Record<string, Bench>> = {
  attacks: benchAttacks,
  budget: benchBudget,
  calibration: benchCalibration,
  beacons: benchBeacons,
  chains: benchChains,
  newcomers: benchNewcomers,
  changes: benchChanges,
  ramp: benchRamp,
  memory: benchMemory,
};
const names = [...Object.keys(publicSets), 'simulator'];

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: names.join(',') },
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
  const benches = benchesOf(name);
  if (benches === undefined) continue;
  for (const bench of benches) {
    const { rows: measured, curves } = await bench(values.data, scratch);
    rows.push(...measured);
    scratch.say(tableOf(measured)); // a run takes minutes: whoever watches sees what is known
    mkdirSync(values.pictures, { recursive: true });
    for (const curve of curves) writeFileSync(join(values.pictures, fileNameOf(curve)), pictureOf(curve));
  }
}
reportRows(rows, process.argv);

/** The benches behind a name; `undefined` where its data is not there. */
function benchesOf(name: string): readonly Bench[] | undefined {
  const parts = name === 'simulator' ? Object.values(simulatorParts) : simulatorParts[name];
  if (parts !== undefined) return [parts].flat();
  const set = publicSets[name];
  if (set === undefined) {
    const known = [...names, ...Object.keys(simulatorParts)].join(', ');
    scratch.say(`no set is named ${name}; known: ${known}`);
    process.exit(2);
  }
  const [folder, bench] = set;
  if (existsSync(join(values.data, folder))) return [bench];
  scratch.say(
    `${name}: no folder ${folder} in ${values.data}; name the right place by --data or AMISS_DATA_SETS`,
  );
  process.exitCode = 1;
  return undefined;
}
