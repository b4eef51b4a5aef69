import { expect, test } from 'vitest';
import type { Mapping } from '../../../../../services/collector/declared-mapping.ts';
import { compileMapping, createMapRecord } from '../../../../../services/collector/schemas/index.ts';

const context = {
  receivedAt: 1793613700000,
  digest: (value: string) => `#${value.length}`,
  hashResources: false,
};
const payments: Mapping = {
  name: 'payments',
  when: { app: 'payments', 'caller.name': '*' },
  fields: {
    time: '{ts}',
    id: '{request.id}',
    source: '{caller.team}/{caller.name, caller.ip | lower}',
    destination: 'payments-api',
    destination_kind: 'service',
    action: '{method | upper} {url | path}',
    outcome: '{code | lookup:codes}',
    duration_ms: '{took_s | times:1000}',
    token_id: '{key | digest}',
  },
  resources: ['{account}', '{missing}'],
  attributes: { region: '{meta.region | default:eu}' },
  lookups: { codes: { '200': 'success', '403': 'denied', '*': 'error' } },
};
const record = {
  app: 'payments',
  ts: '2026-11-02T10:00:00Z',
  request: { id: 'r-1' },
  caller: { team: 'shop', name: 'Web' },
  method: 'post',
  url: '/charge/20931',
  code: 403,
  took_s: 0.25,
  key: 'abc',
  account: 'DE-17',
};
const mapOne = (mapping: Mapping, given: unknown) =>
  createMapRecord([compileMapping(mapping)])(given, {}, context)[0];

test('paths, templates, filters, lookups and constants make an event', () => {
  expect(mapOne(payments, record)).toEqual({
    kind: 'event',
    clientId: 'r-1',
    event: {
      time: 1793613600000,
      source: 'shop/web',
      destination: 'payments-api',
      destination_kind: 'service',
      action: 'POST /charge/{id}',
      outcome: 'denied',
      duration_ms: 250,
      token_id: '#3',
      resources: ['DE-17'],
      attributes: { region: 'eu' },
    },
  });
});

test('what a lookup does not list takes its star', () => {
  expect(mapOne(payments, { ...record, code: 500 })).toMatchObject({ event: { outcome: 'error' } });
});

test('a condition that does not hold leaves the record to others', () => {
  expect(mapOne(payments, { ...record, app: 'other' })).toMatchObject({ kind: 'reject' });
  expect(mapOne(payments, { app: 'x', source: 'a', destination: 'b' })).toMatchObject({
    kind: 'event',
    event: { source: 'a' },
  });
});

test('a value that a field does not take is told, not dropped', () => {
  const mapping = { ...payments, lookups: { codes: { '*': 'fine' } } };
  expect(mapOne(mapping, record)).toEqual({
    kind: 'reject',
    reason: 'outcome: "fine" is not one of success, denied, error, timeout, unknown',
  });
});

test('a pattern reads lines of text by named groups', () => {
  const mapping: Mapping = {
    name: 'lines',
    pattern: '^(?<who>\\w+) -> (?<whom>\\w+) (?<what>.+)$',
    fields: { source: '{who}', destination: '{whom}', action: '{what}' },
  };
  expect(mapOne(mapping, 'web -> db read')).toMatchObject({
    event: { source: 'web', destination: 'db', action: 'read' },
  });
  expect(mapOne(mapping, 'nothing')).toMatchObject({ kind: 'reject' });
});

test('a route asks for a mapping by name', () => {
  const mapRecord = createMapRecord([compileMapping(payments)]);
  expect(mapRecord(record, { schema: 'payments' }, context)[0]).toMatchObject({ kind: 'event' });
  expect(mapRecord({ source: 'a', destination: 'b' }, { schema: 'payments' }, context)[0]).toMatchObject({
    kind: 'reject',
  });
  expect(mapRecord(record, { schema: 'nobody' }, context)[0]).toEqual({
    kind: 'reject',
    reason: 'no schema is named nobody',
  });
});

test.each([
  [{ fields: { source: 'a', destination: 'b', colour: 'c' } }, /no field colour/],
  [{ fields: { source: 'a', destination: 'b', shipper: 'c' } }, /no field shipper/],
  [{ fields: { source: 'a' } }, /fields\.destination is missing/],
  [{ fields: { source: '{a | shout}', destination: 'b' } }, /no filter shout; known: lower/],
  [{ fields: { source: '{a | lookup:none}', destination: 'b' } }, /no lookup none/],
  [{ fields: { source: '{a', destination: 'b' } }, /brace is not closed/],
  [{ fields: { source: '{}', destination: 'b' } }, /names no path/],
  [{ fields: { source: '{a | times:x}', destination: 'b' } }, /times:x is no number/],
  [{ fields: { source: 'a', destination: 'b' }, pattern: '(' }, /pattern: /],
])('a wrong mapping %# is refused at the start, with the reason', (mapping, reason) => {
  expect(() => compileMapping({ name: 'm', ...mapping } as Mapping)).toThrow(reason);
});

test('a path reaches own keys only', () => {
  const mapping = { name: 'm', fields: { source: '{constructor.name}', destination: '{__proto__.x}' } };
  expect(mapOne(mapping, {})).toEqual({
    kind: 'reject',
    reason: 'source: the record does not say who calls',
  });
});
