import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { createMsgpackToJson } from '../../../../../services/collector/wire/msgpack-json.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const pack = (value: unknown) => packr.pack(value);

describe('a msgpack map', () => {
  test.each([
    { source: 'web', destination: 'db', time: 1795405200123 },
    { a: 0, b: 127, c: 128, d: 255, e: 65_535, f: 65_536, g: 2 ** 32 - 1, h: 2 ** 32, i: 0.25, j: 2 ** 52 },
    { yes: true, no: false, text: 'x'.repeat(31), long: 'x'.repeat(255), empty: '' },
    Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`key${i}`, i])),
  ])('becomes JSON: %j', (record) => {
    const body = pack(record);
    const json = createMsgpackToJson()(body, 0);
    expect(json?.text).toBe(JSON.stringify(record));
    expect(json?.bytes.toString('latin1', 0, json.text.length)).toBe(json?.text);
    expect(json?.end).toBe(body.length);
  });

  test.each([
    { a: 'wéb' },
    { a: 'a"b' },
    { a: 'a\\b' },
    { a: 'a\nb' },
    { 'a"b': 1 },
    { a: null },
    { a: -1 },
    { a: [1] },
    { a: { b: 1 } },
    { a: 'x'.repeat(256) },
    { ['k'.repeat(40)]: 1 },
    Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`key${i}`, i])),
    {},
    [],
    'text',
    7,
  ])('is left to others where it holds more: %j', (record) => {
    expect(createMsgpackToJson()(pack(record), 0)).toBeUndefined();
  });

  test('may have its number of pairs behind its first byte', () => {
    const long = Buffer.concat([Buffer.from([0xde, 0, 1]), pack({ a: 1 }).subarray(1)]);
    expect(createMsgpackToJson()(long, 0)?.text).toBe('{"a":1}');
  });

  test('that is cut off is none', () => {
    const body = pack({ source: 'web', bytes_in: 70_000, duration_ms: 0.5, mtls: true });
    for (let length = 0; length < body.length; length += 1) {
      expect(createMsgpackToJson()(body.subarray(0, length), 0), String(length)).toBeUndefined();
    }
  });

  test('is read behind another one', () => {
    const toJson = createMsgpackToJson();
    const body = Buffer.concat([pack({ a: 'first' }), pack({ b: 2 })]);
    const end = toJson(body, 0)?.end ?? 0;
    expect(toJson(body, end)).toMatchObject({ text: '{"b":2}', end: body.length });
  });
});
