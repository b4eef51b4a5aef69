import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Attic, createMemoryAttic } from '../../../../../services/scorer/engine/attic.ts';
import { type AtticFile, openAtticFile } from '../../../../../services/scorer/live/attic-file.ts';

const open: AtticFile[] = [];
const fileAttic = (bytesMax = 2 ** 24, path = mkdtempSync(join(tmpdir(), 'amiss-attic-'))): AtticFile => {
  const file = openAtticFile(path, bytesMax);
  open.push(file);
  return file;
};
afterEach(async () => {
  for (const file of open.splice(0)) await file.close();
});

const bytes = (value: number, length = 8) => new Uint8Array(length).fill(value);
const firstByte = (found: Uint8Array | undefined) => found?.[0];
const attics: readonly (readonly [string, () => Attic])[] = [
  ['in memory', () => createMemoryAttic(1000)],
  ['on disk', () => fileAttic().of(0)],
];

describe.each(attics)('an attic %s', (_, create) => {
  test('is empty until something is stored', () => {
    const attic = create();
    expect(attic.isEmpty).toBe(true);
    expect(attic.get('web', 10)).toBeUndefined();
    attic.put([{ key: 'web', time: 5, bytes: bytes(1) }]);
    expect(attic.isEmpty).toBe(false);
  });

  test('gives what was stored, as often as it is asked for', () => {
    const attic = create();
    attic.put([
      { key: 'web', time: 5, bytes: bytes(1) },
      { key: 'cart', time: 5, bytes: bytes(2) },
    ]);
    expect([10, 10].map((time) => firstByte(attic.get('web', time)))).toEqual([1, 1]);
    expect(firstByte(attic.get('cart', 5))).toBe(2);
  });

  test('gives a replay what was stored before its moment, and not what came after it', () => {
    const attic = create();
    attic.put([{ key: 'web', time: 5, bytes: bytes(1) }]);
    attic.put([{ key: 'web', time: 20, bytes: bytes(2) }]);
    expect([4, 10, 25].map((time) => firstByte(attic.get('web', time)))).toEqual([undefined, 1, 2]);
  });

  test('takes what a replay stores again for what it is', () => {
    const attic = create();
    attic.put([{ key: 'web', time: 5, bytes: bytes(1) }]);
    attic.put([{ key: 'web', time: 20, bytes: bytes(2) }]);
    attic.put([{ key: 'web', time: 20, bytes: bytes(3) }]);
    expect([10, 25].map((time) => firstByte(attic.get('web', time)))).toEqual([1, 3]);
  });
});

test('an attic on disk is there again after a restart, each partition for itself', async () => {
  const path = mkdtempSync(join(tmpdir(), 'amiss-attic-'));
  const before = openAtticFile(path, 2 ** 24);
  before.of(3).put([{ key: 'web', time: 5, bytes: bytes(7, 5000) }]);
  await before.close();
  const after = fileAttic(2 ** 24, path);
  expect(Uint8Array.from(after.of(3).get('web', 6) ?? [])).toEqual(bytes(7, 5000));
  expect(after.of(2).get('web', 6)).toBeUndefined();
});

test('an attic on disk drops the oldest when it is full', () => {
  const attic = fileAttic(2 ** 20).of(0);
  for (let n = 0; n < 200; n += 1) attic.put([{ key: `agent-${n}`, time: n, bytes: bytes(n, 10_000) }]);
  const left = Array.from({ length: 200 }, (_, n) => n).filter(
    (n) => attic.get(`agent-${n}`, 1000) !== undefined,
  );
  expect(left.at(-1)).toBe(199);
  expect(left.length).toBeGreaterThan(80);
  expect(left.length).toBeLessThan(105);
  expect(left[0]).toBe(200 - left.length);
});

test('an attic in memory drops the oldest when it is full', () => {
  const attic = createMemoryAttic(3);
  for (let n = 0; n < 5; n += 1) attic.put([{ key: `agent-${n}`, time: n, bytes: bytes(n) }]);
  expect([0, 1, 2, 3, 4].map((n) => firstByte(attic.get(`agent-${n}`, 9)))).toEqual([
    undefined,
    undefined,
    2,
    3,
    4,
  ]);
});
