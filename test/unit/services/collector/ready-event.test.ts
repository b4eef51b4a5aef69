import { describe, expect, test } from 'vitest';
import { normalize } from '../../../../services/collector/normalize.ts';
import { createReadReady } from '../../../../services/collector/ready-event.ts';
import { toEvents } from '../../../../services/collector/records.ts';
import { createMapRecord } from '../../../../services/collector/schemas/index.ts';
import { localSender } from '../../../../services/collector/sender.ts';

const receivedAt = 1795405300000;
const context = {
  receivedAt,
  sender: { ...localSender('127.0.0.1'), shipper: 'web "1"', space: 'shop' },
  nextId: () => '019f0000-0000-7000-8000-000000000000',
  timeMax: receivedAt + 60_000,
  mapRecord: createMapRecord(),
  hasOwnSchemas: false,
  mapContext: { receivedAt, digest: (value: string) => value, hashResources: false },
};
const plain =
  '{"time":1795405200123,"source":"web","destination":"db","bytes_out":120,"duration_ms":0.25,"mtls":true}';

function read(text: string) {
  return createReadReady(context).record({ kind: 'record', record: JSON.parse(text), text });
}

describe('a record that is ready', () => {
  test.each([
    plain,
    plain.replace('{', '{ '),
    plain.replace('"web"', '"w\\u0065b"'),
    plain.replace('120', '1.2e2'),
    plain.replace('120', '0.12e3'),
    plain.replace('120', '1e2'),
    plain.replace('120', '1E3'),
    plain.replace('0.25', '1e-2'),
    plain.replace('0.25', '-0'),
    plain.replace('{', '{"bytes_out":7,'),
    plain.replace('}', ',"resources":["a","a"]}'),
    plain.replace('web', 'wéb 😀'),
  ])('becomes the event that normalize makes of it: %s', (text) => {
    const ready = read(text);
    const normalized = normalize(JSON.parse(text), context);
    expect(normalized.ok).toBe(true);
    const event = normalized.ok ? normalized.event : undefined;
    expect(JSON.parse(ready?.value ?? '')).toEqual(JSON.parse(JSON.stringify(event)));
    expect(ready?.value).toBe(JSON.stringify(JSON.parse(ready?.value ?? ''))); // no blank, no key twice
  });

  test.each([
    plain.replace('{', '{"id":"1",'),
    plain.replace('{', '{"space":"other",'),
    plain.replace('{', '{"received_at":1,'),
    plain.replace('{', '{"colour":"red",'),
    plain.replace('{', '{"__proto__":"red",'),
    plain.replace('{', '{"attributes":{"a":"b"},'),
    plain.replace('web', ''),
    plain.replace('120', '"120"'),
    plain.replace('120', 'null'),
    plain.replace('1795405200123', '1795405200'),
    plain.replace('1795405200123', '1795405999123'),
    plain.replace('"web"', '"\\ud800"'),
    plain.replace('"source":"web",', ''),
    '[]',
    'null',
    '"text"',
  ])('is nothing that needs a change or a reason: %s', (text) => {
    expect(read(text)).toBeUndefined();
  });

  const log = {
    otlp: 'log',
    resource: { 'service.name': 'cart' },
    scope: 'app',
    event_name: '',
    time_ms: 1795405100000,
    severity: 9,
    body: plain,
    trace_id: 'ab',
    span_id: '',
    attributes: { 'log.file.name': 'app.log' },
  };

  test('may be the body of a log record, and is then what its schema makes of it', () => {
    const ready = createReadReady(context).record({ kind: 'record', record: log });
    const [event] = toEvents(log, undefined, context);
    expect(event?.ok).toBe(true);
    expect(JSON.parse(ready?.value ?? '')).toEqual(event?.ok === true ? event.event : undefined);
  });

  test.each([
    { ...log, body: `${plain}}` },
    { ...log, body: plain.replace('"time":1795405200123,', '') },
    { ...log, body: { source: 'web', destination: 'db' } },
    { ...log, attributes: { 'gen_ai.operation.name': 'chat' } },
    { ...log, trace_id: 7 },
  ])('is no log record that needs more: %j', (record) => {
    expect(createReadReady(context).record({ kind: 'record', record })).toBeUndefined();
  });

  test('is not what an operator has own schemas or hashes for, nor what its envelope names', () => {
    const record = JSON.parse(plain);
    const hashing = { ...context, mapContext: { ...context.mapContext, hashResources: true } };
    expect(createReadReady(hashing).record({ kind: 'record', record })).toBeUndefined();
    expect(
      createReadReady({ ...context, hasOwnSchemas: true }).record({ kind: 'record', record }),
    ).toBeUndefined();
    expect(createReadReady(context).record({ kind: 'record', record, hint: { id: '1' } })).toBeUndefined();
    expect(
      createReadReady(context).record({ kind: 'record', record, hint: { schema: 'ecs' } }),
    ).toBeUndefined();
  });
});
