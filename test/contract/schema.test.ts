import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Check } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { type AmissEvent, eventSchema } from '#shared/event.ts';
import { declarationSchema } from '#shared/registry/declaration.ts';
import { createLineParser } from '../../services/collector/lines.ts';
import { finish, normalize } from '../../services/collector/normalize.ts';
import { accessLog } from '../../services/collector/schemas/access-log.ts';
import { createMapRecord, schemas } from '../../services/collector/schemas/index.ts';
import type { Hint, MapContext, SchemaOutcome } from '../../services/collector/schemas/schema.ts';
import { localSender } from '../../services/collector/sender.ts';

const folder = new URL('../fixtures/schemas/', import.meta.url);
const receivedAt = Date.UTC(2026, 10, 2, 12);
const context: MapContext = {
  receivedAt,
  digest: (value) => `digest-of-${value.length}-characters`,
  hashResources: false,
};
/** An access log does not name its server, the envelope does; the other fixtures bring all they need. */
const hintOf = (record: unknown): Hint => (accessLog.recognises(record, {}) ? { host: 'edge-1' } : {});
const mapRecord = createMapRecord();
/** Damaged records of each schema; `AMISS_FUZZ_RUNS=50000` looks longer. */
const runs = Number(process.env['AMISS_FUZZ_RUNS'] ?? 400);

/** The records of a fixture: JSON values, one a line, or the lines of a log as the line parser reads them. */
function recordsOf(file: string): readonly unknown[] {
  const lines = readFileSync(new URL(file, folder), 'utf8').split('\n').filter(Boolean);
  if (file.endsWith('.jsonl')) return lines.map((line) => JSON.parse(line));
  const parseLine = createLineParser();
  return lines.map(parseLine).filter((record) => record !== undefined);
}

const fixtures = readdirSync(folder)
  .filter((file) => /\.in\.(jsonl|log)$/.test(file))
  .map((file) => ({ name: file.replace(/\.in\.\w+$/, ''), records: recordsOf(file) }));
const allRecords = fixtures.flatMap(({ records }) => records);

/** Whether the collector takes an event as it is. */
function isTaken(outcome: Extract<SchemaOutcome, { kind: 'event' }>): boolean {
  const given = {
    receivedAt,
    sender: localSender('127.0.0.1'),
    nextId: () => '0192f3a4-0000-7000-8000-000000000000',
    timeMax: Number.MAX_SAFE_INTEGER,
  };
  const normalized = normalize({ ...outcome.event }, given);
  // What a schema has checked need not be looked at again: it must come out the same. Of a time in the first years after
  // 1970 `normalize` would think that it is in seconds.
  if (!outcome.isUnchecked && outcome.event.time >= 1e11)
    expect(finish({ ...outcome.event }, given)).toEqual(normalized);
  return normalized.ok && Check(eventSchema, normalized.event);
}

describe.each(fixtures)('$name', ({ name, records }) => {
  test('maps its records as the fixture says', () => {
    const expected: unknown = JSON.parse(readFileSync(new URL(`${name}.out.json`, folder), 'utf8'));
    expect(records.map((record) => mapRecord(record, hintOf(record), context))).toEqual(expected);
  });
});

describe.each(schemas)('$name', (schema) => {
  const own = allRecords.filter((record) => schema.recognises(record, {}));

  test('has a fixture, a summary and a source', () => {
    expect(own.length).toBeGreaterThan(0);
    expect(schema.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(schema.summary).not.toBe('');
    expect(schema.source).toMatch(/^(https:|shared\/)/);
  });

  test('shows an event among its fixtures, and what it does not take', () => {
    const kinds = new Set(
      own.flatMap((record) => schema.map(record, hintOf(record), context)).map(({ kind }) => kind),
    );
    expect(kinds).toContain('event');
    const isWithoutRefusal = schema.name === 'a2a-card';
    expect(isWithoutRefusal || kinds.has('reject') || kinds.has('skip')).toBe(true);
  });

  test('makes events that the collector takes as they are', () => {
    for (const outcome of own.flatMap((record) => schema.map(record, hintOf(record), context))) {
      if (outcome.kind === 'inventory') expect(Check(declarationSchema, outcome.declaration)).toBe(true);
      if (outcome.kind !== 'event') continue;
      expect(`${JSON.stringify(outcome.event)} ${isTaken(outcome)}`).toMatch(/ true$/);
    }
  });

  test('recognises no record of another schema', () => {
    const others = schemas.filter((other) => other !== schema);
    for (const record of own)
      expect(others.filter((other) => other.recognises(record, {})).map((other) => other.name)).toEqual([]);
  });

  test('changes nothing that it is given', () => {
    for (const record of own) {
      const before = JSON.stringify(record);
      schema.map(record, hintOf(record), context);
      expect(JSON.stringify(record)).toBe(before);
    }
  });

  test('neither throws nor makes an invalid event of a damaged record', () => {
    const damaged = fc.constantFrom(...own).chain((record) => damage(record));
    fc.assert(
      fc.property(damaged, (record) => {
        if (!schema.recognises(record, {})) return;
        for (const outcome of schema.map(record, hintOf(record), context))
          if (outcome.kind === 'event' && schema.name !== 'native') expect(isTaken(outcome)).toBe(true);
      }),
      { numRuns: runs },
    );
  });
});

/** The record with one value, at any depth, replaced by any JSON value, or with a cut line. */
function damage(record: unknown): fc.Arbitrary<unknown> {
  if (typeof record === 'string')
    return fc.tuple(fc.nat(record.length), fc.string()).map(([at, text]) => record.slice(0, at) + text);
  const paths = pathsOf(record, []);
  return fc.tuple(fc.constantFrom(...paths), hostileValue).map(([path, value]) => {
    const copy: unknown = structuredClone(record);
    let parent = copy as Record<string, unknown>;
    for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
    parent[path.at(-1) ?? ''] = value;
    return copy;
  });
}

const hostileValue = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(-1, 1e308, 0.5, '', '-', '\ud800', 'x'.repeat(5000), null, [], {}, [null], true),
  fc.string({ unit: 'binary' }),
);

function pathsOf(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

test('any JSON value gets an answer', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.string()), (record) => {
      expect(mapRecord(record, hintOf(record), context).length).toBeGreaterThan(0);
    }),
    { numRuns: runs * 5 },
  );
});

test('records nested deeper than a stack are answered', () => {
  const deep: unknown = JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`);
  for (const record of [
    { source: deep, destination: 'b', request: deep },
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', arguments: deep } },
    { name: 'card', url: 'http://a.example', skills: [deep] },
    { flow: deep, verdict: 'FORWARDED' },
  ])
    expect(mapRecord(record, { host: 'h', stream: 's' }, context).length).toBeGreaterThan(0);
});

test('keys of the prototype neither change it nor appear in an event', () => {
  const hostile = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"prototype":1';
  for (const record of allRecords) {
    if (typeof record !== 'object' || record === null) continue;
    const tainted: unknown = JSON.parse(`${JSON.stringify(record).slice(0, -1)},${hostile}}`);
    for (const outcome of mapRecord(tainted, hintOf(tainted), context)) {
      if (outcome.kind !== 'event' || schemas[0]?.recognises(tainted, {})) continue;
      expect(JSON.stringify(outcome.event)).not.toMatch(/__proto__|polluted/);
    }
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('ids, numbers and tokens in names never multiply actions', () => {
  const variants = [
    '4711',
    '8c0e6a52-1a0c-4a0f-9f0e-0d8c52a3b111',
    'ann@example.com',
    'abc123DEF456ghi789',
    '2026-11-02',
  ];
  const actionsOf = (part: string) =>
    allRecords
      .filter((record) => !schemas[0]?.recognises(record, {}))
      .flatMap((record) => mapRecord(withPart(record, part), {}, context))
      .flatMap((outcome) => (outcome.kind === 'event' ? [outcome.event.action ?? ''] : []));
  for (const action of variants.flatMap(actionsOf))
    for (const variant of variants) expect(action).not.toContain(variant);
});

/** The record with the changing part of its paths replaced. */
function withPart(record: unknown, part: string): unknown {
  return JSON.parse(
    JSON.stringify(record).replace(
      /(?<=\/(?:orders|items|charge|locations|users)\/)(?!\{)[^/"?\\ ]+/g,
      encodeURIComponent(part),
    ),
  );
}

test('resources are digests where the operator asks for it', () => {
  const hashed = allRecords
    .flatMap((record) => mapRecord(record, {}, { ...context, hashResources: true }))
    .flatMap((outcome) => (outcome.kind === 'event' ? ((outcome.event as AmissEvent).resources ?? []) : []));
  expect(hashed.length).toBeGreaterThan(5);
  for (const resource of hashed) expect(resource).toMatch(/^digest-of-/);
});

test('a native event with one resource as a text is hashed too', () => {
  const outcomes = mapRecord(
    { source: 'a', destination: 'b', resources: 'ann' },
    {},
    { ...context, hashResources: true },
  );
  expect(outcomes).toMatchObject([{ event: { resources: ['digest-of-3-characters'] } }]);
});

test('no secret, prompt or argument of a fixture reaches an outcome', () => {
  const text = JSON.stringify(allRecords.map((record) => mapRecord(record, hintOf(record), context)));
  for (const secret of [
    'opaque-token-1',
    'YW5uOnNlY3JldA',
    'top secret prompt',
    'eyJhbGciOiJSUzI1NiI',
    'invoice"',
  ])
    expect(text).not.toContain(secret);
});
