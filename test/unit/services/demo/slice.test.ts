import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attackOf, readSlice, slicePath } from '../../../../services/demo/slice.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amiss-slice-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (text: string) => Date.parse(`${text}Z`);

test('the recording that ships is what its page says', async () => {
  const { calls, attacks, hosts } = await readSlice(slicePath);
  expect(calls).toHaveLength(267_711);
  expect(hosts).toBe(2_467);
  expect(calls[0]).toEqual({
    time: at('1998-06-01T07:55'),
    source: '172.16.112.20',
    destination: '192.168.1.10',
  });
  expect(calls.every((call, i) => call.time >= (calls[i - 1]?.time ?? 0))).toBe(true);
  // Counted in the original file by other means: names in the order of their first row.
  expect(attacks.map(({ name }) => name)).toEqual([
    'format_clear',
    'ffb_clear',
    'load_clear',
    'perl_clear',
    'smurf',
    'neptune',
    'pod',
    'dict_simple',
    'teardrop',
    'guest',
    'portsweep',
    'ipsweep',
  ]);
});

test('an attack ends when nothing of its name comes for an hour', async () => {
  const path = join(folder, 'calls.csv');
  const rows = [
    '1998-06-01T08:00,a,b,sweep',
    '1998-06-01T08:30,x,y,-',
    '1998-06-01T09:00,a,c,sweep',
    '1998-06-01T10:01,d,a,sweep',
  ];
  await writeFile(path, `${rows.join('\n')}\n`);
  const { attacks } = await readSlice(path);
  expect(attacks.map(({ from, to, hosts }) => [from, to, [...hosts]])).toEqual([
    [at('1998-06-01T08:00'), at('1998-06-01T09:00'), ['a', 'b', 'c']],
    [at('1998-06-01T10:01'), at('1998-06-01T10:01'), ['d', 'a']],
  ]);
});

test('an alert is about an attack when host and time agree', () => {
  const attack = { name: 'pod', from: 1_000_000, to: 2_000_000, hosts: new Set(['a']) };
  expect(attackOf([attack], 'a', 1_000_000)).toBe(attack);
  expect(attackOf([attack], 'a', 2_600_000)).toBe(attack);
  expect(attackOf([attack], 'a', 2_600_001)).toBeUndefined();
  expect(attackOf([attack], 'a', 999_999)).toBeUndefined();
  expect(attackOf([attack], 'b', 1_500_000)).toBeUndefined();
});
