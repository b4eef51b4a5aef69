import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Mapping } from '../../../../services/collector/declared-mapping.ts';
import { tryMapping } from '../../../../services/collector/try-mapping.ts';

const context = { receivedAt: 1793613700000, digest: (value: string) => value, hashResources: false };

function tried(text: string, mappings: readonly Mapping[] = []) {
  const lines: string[] = [];
  const summary = tryMapping({ text, mappings, hint: {}, context, print: (line) => lines.push(line) });
  return { summary, lines };
}

test('each record of a file is shown with its schema and outcome', () => {
  const { summary, lines } = tried('{"source":"a","destination":"b"}\n\n{"x":1}\n{broken\n');
  expect(lines[0]).toBe('1 native event {"source":"a","destination":"b"}');
  expect(lines[1]).toMatch(/^2 - reject: no schema recognises/);
  expect(lines[2]).toMatch(/^3 - reject: .*JSON/);
  expect(lines.at(-1)).toBe('3 records: 1 events, 0 skipped, 2 rejected');
  expect(summary).toEqual({ records: 3, events: 1, skipped: 0, rejected: 2 });
});

test('a file of one array or one object is read whole', () => {
  expect(tried('[{"source":"a","destination":"b"},{"source":"c","destination":"d"}]').summary.events).toBe(2);
  expect(tried('{\n "source":"a",\n "destination":"b"\n}').summary.records).toBe(1);
});

test('logs with a header are read by it', () => {
  const file = new URL('../../../fixtures/schemas/zeek-tsv.in.log', import.meta.url);
  const { summary, lines } = tried(readFileSync(file, 'utf8'));
  expect(summary).toEqual({ records: 5, events: 5, skipped: 0, rejected: 0 });
  expect(lines[0]).toMatch(/^1 zeek event /);
});

test("lines that begin with a time in brackets are Envoy's", () => {
  const file = new URL('../../../fixtures/schemas/envoy-text.in.log', import.meta.url);
  expect(tried(readFileSync(file, 'utf8')).lines[0]).toMatch(/^1 envoy event /);
});

test("the operator's mapping comes first", () => {
  const mapping: Mapping = { name: 'own', fields: { source: '{destination}', destination: '{source}' } };
  expect(tried('{"source":"a","destination":"b"}', [mapping]).lines[0]).toMatch(
    /^1 own event .*"source":"b"/,
  );
});
