import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readDecisions } from '../../../../services/cli/decisions-file.ts';
import { simulate } from '../../../../services/simulator/simulate.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amiss-decisions-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const written = (lines: readonly string[]) => {
  const file = join(folder, 'decisions.ndjson');
  writeFileSync(file, lines.join('\n'));
  return file;
};

test('what a simulated network decided comes back as it was', async () => {
  const { decisions } = simulate({ agents: 20, days: 1, seed: 1, attacks: [] });
  const file = written(decisions.map((decision) => JSON.stringify(decision)));
  expect(await readDecisions(file)).toEqual(decisions);
});

test('a line that is no decision is named', async () => {
  const file = written(['{"key":"policy/default"}']);
  await expect(readDecisions(file)).rejects.toThrow(/decisions\.ndjson:1: add the key/);
  await expect(readDecisions(written(['', 'x']))).rejects.toThrow(/decisions\.ndjson:2/);
});

test('a file that is not there is named', async () => {
  await expect(readDecisions(join(folder, 'none'))).rejects.toThrow(/there is no file/);
});
