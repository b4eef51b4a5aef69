import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runBacktest } from '../../../../services/scorer/backtest.ts';
import { event, quietNetwork } from '../../../support/detector-stream.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amiss-backtest-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const quiet = [...quietNetwork(20_000, 29)];
const end = (quiet.at(-1)?.time ?? 0) + 60_000;
const flood = Array.from({ length: 2000 }, (_, n) => event(end + n * 10, 'stranger', 'service-1', n));
const lines = [...quiet, ...flood]
  .map(({ time, source, destination }) => JSON.stringify({ time, source, destination }))
  .join('\n');

const run = (input: string, name: string) =>
  runBacktest({
    files: [input],
    scores: join(folder, `${name}-scores`),
    signals: join(folder, `${name}-signals`),
    alerts: join(folder, `${name}-alerts`),
    budget: 5,
    learnUntil: end,
  });
const output = (name: string) => readFileSync(join(folder, name), 'utf8');

test('scores every line in input order and tells the flood', async () => {
  const input = join(folder, 'events.ndjson');
  writeFileSync(input, lines);
  const summary = await run(input, 'a');
  expect(summary).toMatchObject({ events: quiet.length + flood.length, rejected: 0, late: 0 });
  const scores = output('a-scores')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(scores.map(({ n }) => n)).toEqual(scores.map((_, n) => n));
  const strongestOfQuiet = Math.max(...scores.slice(10_000, quiet.length).map(({ score }) => score));
  expect(scores.at(-1).score).toBeGreaterThan(strongestOfQuiet);
  const alerts = output('a-alerts')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(alerts.some(({ agent, peers }) => agent === 'stranger' || peers.includes('stranger'))).toBe(true);
});

test('two runs are identical to the byte, whatever the input is packed in', async () => {
  const [plain, gzip, zstd] = ['x.ndjson', 'x.ndjson.gz', 'x.ndjson.zst'].map((name) => join(folder, name));
  writeFileSync(plain ?? '', lines);
  writeFileSync(gzip ?? '', gzipSync(lines));
  writeFileSync(zstd ?? '', zstdCompressSync(lines));
  for (const [i, input] of [plain, gzip, zstd].entries()) await run(input ?? '', String(i));
  for (const kind of ['scores', 'signals', 'alerts']) {
    expect(output(`1-${kind}`)).toBe(output(`0-${kind}`));
    expect(output(`2-${kind}`)).toBe(output(`0-${kind}`));
  }
});

test('a line that is no event keeps its place with a score of 0, and is named', async () => {
  const input = join(folder, 'bad.ndjson');
  writeFileSync(input, `${lines.split('\n')[0]}\n{"time":"never","source":"a"}\nnot json\n`);
  const summary = await run(input, 'bad');
  expect(summary).toMatchObject({ events: 1, rejected: 2 });
  expect(summary.rejects[0]).toContain('time');
  expect(output('bad-scores').trimEnd().split('\n')).toHaveLength(3);
});

test('names a file that is not there', async () => {
  await expect(runBacktest({ files: [join(folder, 'none')] })).rejects.toThrow(/none/);
});
