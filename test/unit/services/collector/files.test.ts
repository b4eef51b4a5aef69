import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { type FileBatch, tailFiles } from '../../../../services/collector/files.ts';
import { waitUntil } from '../../../support/wait-until.ts';

let folder: string;
let batches: FileBatch[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
  batches = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const records = () => batches.flatMap(({ ndjson }) => ndjson.trimEnd().split('\n'));
const line = (n: number) => `{"n":${n}}`;

/** Tails until `until` holds, then stops. */
async function tail(until: () => boolean, deliver?: (batch: FileBatch) => Promise<void>): Promise<void> {
  const ending = new AbortController();
  const tailing = tailFiles({
    patterns: [at('*.log')],
    statePath: at('state.json'),
    deliver: deliver ?? (async (batch) => void batches.push(batch)),
    clock: systemClock,
    signal: ending.signal,
  });
  try {
    await Promise.race([waitUntil('the lines', until), tailing]);
  } finally {
    ending.abort();
    await tailing;
  }
}

test('delivers the lines of every file that matches, and goes on after a restart', async () => {
  writeFileSync(at('a.log'), `${line(1)}\n${line(2)}\n{"unfinis`);
  writeFileSync(at('b.log'), `${line(3)}\n`);
  await tail(() => records().length === 3);
  appendFileSync(at('a.log'), 'hed":4}\n');
  await tail(() => records().length === 4);
  expect(records()).toEqual([line(1), line(2), line(3), '{"unfinished":4}']);
});

test('follows a file through renaming and truncation without losing a line', async () => {
  writeFileSync(at('a.log'), `${line(1)}\n`);
  let step = 0;
  await tail(() => {
    if (step === 0 && records().length === 1) {
      appendFileSync(at('a.log'), `${line(2)}\n`);
      renameSync(at('a.log'), at('a.log.1'));
      writeFileSync(at('a.log'), `${line(3)}\n${line(4)}\n`);
      step = 1;
    } else if (step === 1 && records().length === 4) {
      truncateSync(at('a.log'));
      appendFileSync(at('a.log'), `${line(5)}\n`);
      step = 2;
    }
    return records().length === 5;
  });
  expect(records()).toEqual([1, 2, 3, 4, 5].map(line));
});

test('finishes a file that was renamed while it was away', async () => {
  writeFileSync(at('a.log'), `${line(1)}\n`);
  await tail(() => records().length === 1);
  appendFileSync(at('a.log'), `${line(2)}\n`);
  renameSync(at('a.log'), at('a.log.1'));
  writeFileSync(at('a.log'), `${line(3)}\n`);
  await tail(() => records().length === 3);
  expect(records()).toEqual([1, 2, 3].map(line));
});

test('a batch that was not delivered comes again under the same key', async () => {
  writeFileSync(at('a.log'), `${line(1)}\n`);
  const keys: string[] = [];
  const failing = async ({ key }: FileBatch) => {
    keys.push(key);
    throw new Error('the collector is away');
  };
  await expect(tail(() => false, failing)).rejects.toThrow('away');
  await tail(() => records().length === 1);
  expect(batches[0]?.key).toBe(keys[0]);
});

test('the lines below a header that was read before a restart still know their columns', async () => {
  const header = '#separator \\x09\n#path\tconn\n#fields\tts\tid.orig_h\n#types\ttime\taddr\n';
  writeFileSync(at('conn.log'), `${header}1.0\t10.0.0.1\n`);
  await tail(() => records().length === 1);
  appendFileSync(at('conn.log'), '2.0\t10.0.0.2\n');
  await tail(() => records().length === 2);
  expect(records().map((text) => JSON.parse(text))).toMatchObject([
    { _path: 'conn', 'id.orig_h': '10.0.0.1' },
    { _path: 'conn', 'id.orig_h': '10.0.0.2' },
  ]);
});
