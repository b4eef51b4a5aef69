import { Check } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { eventLimits, eventSchema } from '#shared/event.ts';
import { fieldRules } from '../../../../services/collector/event-fields.ts';
import { type NormalizeContext, normalize } from '../../../../services/collector/normalize.ts';
import { localSender } from '../../../../services/collector/sender.ts';

const receivedAt = 1795405200000;
const context: NormalizeContext = {
  receivedAt,
  sender: localSender('127.0.0.1'),
  nextId: () => '01a20b30-c40d-7000-8d5e-6f7a8b9c0d1e',
  timeMax: receivedAt + 600_000,
};
const minimal = { time: receivedAt, source: 'web', destination: 'orders' };
const eventOf = (record: unknown, by = context) => {
  const result = normalize(structuredClone(record), by);
  if (!result.ok) throw new Error(result.reason);
  expect(Check(eventSchema, result.event)).toBe(true);
  return result.event;
};
const reasonOf = (record: unknown, by = context) => {
  const result = normalize(record, by);
  return result.ok ? 'taken' : result.reason;
};

describe('what is taken', () => {
  test('a right record becomes the event, with what the collector knows', () => {
    expect(eventOf({ ...minimal, bytes_out: 12, mtls: true })).toEqual({
      ...minimal,
      bytes_out: 12,
      mtls: true,
      id: context.nextId(0),
      received_at: receivedAt,
      space: 'default',
    });
  });

  test('null and "" are absent, and a time that is absent is the time of receipt', () => {
    const event = eventOf({ source: 'web', destination: 'orders', time: null, action: '', status: null });
    expect(event.time).toBe(receivedAt);
    expect(Object.keys(event).sort()).toEqual([
      'destination',
      'id',
      'received_at',
      'source',
      'space',
      'time',
    ]);
  });

  test.each(['@timestamp', 'timestamp', 'date', 'ts'])('the time may be called %s', (name) => {
    expect(eventOf({ source: 'web', destination: 'orders', [name]: 1795405100.5 }).time).toBe(1795405100500);
  });

  test('texts that mean numbers, flags and statuses are read as what they mean', () => {
    const event = eventOf({ ...minimal, bytes_in: '42', status: 200, mfa: 'true', duration_ms: '1.5' });
    expect(event).toMatchObject({ bytes_in: 42, status: '200', mfa: true, duration_ms: 1.5 });
  });

  test('a field that no event has becomes an attribute', () => {
    expect(eventOf({ ...minimal, region: 'eu', replica: 3, attributes: { note: 'x' } }).attributes).toEqual({
      region: 'eu',
      replica: '3',
      note: 'x',
    });
  });

  test('of a field that is called like a secret only its presence is kept', () => {
    expect(eventOf({ ...minimal, authorization: 'Bearer abc' }).attributes).toEqual({
      authorization: '[hidden]',
    });
  });

  test('a client id becomes the same UUIDv8 each time, whatever else the record says', () => {
    const id = eventOf({ ...minimal, id: 'a-17' }).id;
    expect(id).toMatch(/^[0-9a-f-]{14}-?8/);
    expect(eventOf({ ...minimal, id: 'a-17', status: '500' }).id).toBe(id);
    expect(eventOf({ ...minimal, id: 'a-18' }).id).not.toBe(id);
  });

  test('what a record says of receipt and shipper is not believed', () => {
    const event = eventOf({ ...minimal, received_at: 1, shipper: 'somebody' });
    expect(event.received_at).toBe(receivedAt);
    expect(event.shipper).toBeUndefined();
  });

  test('old times are taken: recorded traffic is replayed', () => {
    expect(eventOf({ ...minimal, time: '1998-06-01T07:55:00Z' }).time).toBe(896687700000);
  });

  test('every field of the schema has a rule, and the limits of the rules are those of the schema', () => {
    const ruled = [...fieldRules.keys(), 'id', 'space', 'received_at', 'shipper', 'attributes'];
    expect(ruled.sort()).toEqual(Object.keys(eventSchema.properties).sort());
    const long = 'x'.repeat(eventLimits.textCharactersMax);
    for (const name of fieldRules.keys()) {
      for (const value of [long, `${long}x`, 0, -1, 65535, 65536, 2 ** 53, 1.5, true, [long], [`${long}x`]]) {
        const result = normalize({ ...minimal, [name]: value }, context);
        if (result.ok) expect(Check(eventSchema, result.event), `${name}=${value}`).toBe(true);
      }
    }
  });
});

describe('what is refused', () => {
  test.each([
    [42, 'the record is a number'],
    [[minimal], 'the record is an array'],
    [{ destination: 'orders' }, 'source: missing'],
    [{ source: 'web', destination: null }, 'destination: missing'],
    [
      { ...minimal, outcome: 'fine' },
      'outcome: "fine" is not one of success, denied, error, timeout, unknown',
    ],
    [
      { ...minimal, destination_port: 65536 },
      'destination_port: "65536" is not a whole number from 0 to 65535',
    ],
    [{ ...minimal, bytes_out: 1.5 }, 'bytes_out: "1.5" is not a whole number'],
    [{ ...minimal, source: 'x'.repeat(513) }, 'is not a text of 1 to 512 characters'],
    [{ ...minimal, source: { name: 'web' } }, 'source: an object is not a text'],
    [{ ...minimal, action: '\ud800' }, 'action:'],
    [{ ...minimal, time: 'yesterday' }, 'time: "yesterday" is not ISO 8601'],
    [{ ...minimal, resources: Array(9).fill('x') }, 'resources: an object is not up to 8 texts'],
    [{ ...minimal, attributes: 'x' }, 'attributes: "x" is not an object'],
    [{ ...minimal, attributes: { deep: { er: 1 } } }, '"deep": is an attribute and holds an object'],
    [{ ...minimal, attributes: { long: 'x'.repeat(2049) } }, 'longer than an attribute may be'],
    [{ ...minimal, body: 'x'.repeat(10_000_000) }, '"body": is no field and longer'],
    [{ ...minimal, id: {} }, 'id: an object is not a text'],
    [{ ...minimal, space: 7 }, 'space: "7" is not a text'],
    [JSON.parse('{"source":"a","destination":"b","__proto__":{"x":1}}'), '"__proto__": a key of this name'],
  ])('%j', (record, reason) => {
    expect(reasonOf(record)).toContain(reason.replace('resources: an object', 'resources: an array'));
  });

  test('a time far ahead, since it would push the watermark', () => {
    expect(reasonOf({ ...minimal, time: receivedAt + 600_000 })).toBe('taken');
    expect(reasonOf({ ...minimal, time: receivedAt + 600_001 })).toContain('600 s ahead of the collector');
    expect(reasonOf({ ...minimal, time: '9999-12-31T23:59:59Z' })).toContain('clock_ahead_seconds_max');
  });

  test('more attributes than an event may have', () => {
    const attributes = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`name${i}`, 'x']));
    expect(reasonOf({ ...minimal, attributes })).toContain('attributes: more than 64');
  });

  test('an agent for which the shipper may not speak, and a space that is not its own', () => {
    const sender = {
      ...context.sender,
      name: 'edge',
      shipper: 'edge',
      space: 'shop',
      maySpeakFor: () => false,
    };
    const by = { ...context, sender };
    expect(reasonOf(minimal, by)).toContain('shipper "edge" may not speak for "web"');
    const speaking = { ...context, sender: { ...sender, maySpeakFor: () => true } };
    expect(reasonOf({ ...minimal, space: 'other' }, speaking)).toContain('writes to "shop" only');
    expect(eventOf(minimal, speaking)).toMatchObject({ space: 'shop', shipper: 'edge' });
  });
});
