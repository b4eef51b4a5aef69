import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { linesOf } from '#shared/lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'amiss-lines-'));
const text = 'one\nzwölf\n\nlast without an end';

async function read(name: string, content: string | Buffer): Promise<readonly string[]> {
  const path = join(folder, name);
  writeFileSync(path, content);
  return await Array.fromAsync(linesOf(path));
}

test('plain, gzip and zstd files give the same lines', async () => {
  const expected = ['one', 'zwölf', '', 'last without an end'];
  expect(await read('a.ndjson', text)).toEqual(expected);
  expect(await read('a.ndjson.gz', gzipSync(text))).toEqual(expected);
  expect(await read('a.ndjson.zst', zstdCompressSync(text))).toEqual(expected);
});

test('a character that lies across two chunks stays whole', async () => {
  const long = `${'x'.repeat(2 ** 20 - 1)}ö\nend`;
  const lines = await read('long.ndjson', long);
  expect(lines[0]?.endsWith('xö')).toBe(true);
  expect(lines[1]).toBe('end');
});

test('a damaged file is an error, not a short one', async () => {
  const damaged = gzipSync(text.repeat(1000)).subarray(0, 40);
  await expect(read('damaged.gz', damaged)).rejects.toThrow(/unexpected end of file/);
});

test('a missing file is named', async () => {
  await expect(Array.fromAsync(linesOf(join(folder, 'none.ndjson')))).rejects.toThrow(
    /no file .*none\.ndjson/,
  );
});
