import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { eventFields } from '#shared/event.ts';
import { readSchema } from '#shared/store/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'amiss-schema-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('our files are numbered from one and every statement may be repeated', () => {
  const files = readSchema();
  expect(files.map(({ version }) => version)).toEqual(files.map((_, index) => index + 1));
  for (const { statements } of files) {
    expect(statements.length).toBeGreaterThan(0);
    for (const sql of statements)
      expect(sql).toMatch(/^(CREATE (TABLE|MATERIALIZED VIEW)|ALTER TABLE \w+ ADD COLUMN) IF NOT EXISTS \w+/);
  }
});

test('the columns of events are the fields of an event', () => {
  const [create = ''] = readSchema()[0]?.statements ?? [];
  const columns = [...create.matchAll(/^ {4}([a-z_]+) (?!.*\bALIAS\b)[A-Z]/gm)].map(([, name]) => name);
  expect(columns).toEqual(eventFields);
});

test('a missing number is refused, naming the file', () => {
  writeFileSync(join(folder, '0001-a.sql'), 'SELECT 1;\n-- a note; with a semicolon\nSELECT 2;\n');
  writeFileSync(join(folder, '0003-c.sql'), 'SELECT 3');
  const read = () => readSchema(pathToFileURL(`${folder}/`));
  expect(read).toThrow(/0003-c\.sql should have the number 2/);
  rmSync(join(folder, '0003-c.sql'));
  expect(read()[0]?.statements).toEqual(['SELECT 1', 'SELECT 2']);
});

test('a checksum changes with the text', () => {
  const url = pathToFileURL(`${folder}/`);
  const [before] = readSchema(url);
  writeFileSync(join(folder, '0001-a.sql'), 'SELECT 1;');
  expect(readSchema(url)[0]?.checksum).not.toBe(before?.checksum);
});
