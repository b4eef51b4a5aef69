import { describe, expect, test } from 'vitest';
import { normalize } from '../../../../services/collector/normalize.ts';
import { createReadPlainEvent } from '../../../../services/collector/plain-event.ts';
import { localSender } from '../../../../services/collector/sender.ts';

const plain =
  '{"time":1795405200123,"source":"web","destination":"db","bytes_out":120,"duration_ms":0.25,"mtls":true}';
const receivedAt = 1795405300000;
const context = {
  receivedAt,
  sender: localSender('127.0.0.1'),
  nextId: () => '019f0000-0000-7000-8000-000000000000',
  timeMax: receivedAt,
};

function read(text: string, from = 0) {
  return createReadPlainEvent()(Buffer.from(text), from);
}

describe('a plain event', () => {
  test.each([
    plain,
    plain.replace('}', ',"resources":["a","b"]}'),
    plain.replace('}', ',"outcome":"denied","source_kind":"llm_agent"}'),
    plain.replace('}', `,"action":"${'x'.repeat(512)}"}`),
    plain.replace('}', `,"bytes_in":${Number.MAX_SAFE_INTEGER}}`),
    plain.replace('120', '0'),
    plain.replace('0.25', '1200.000000000001'),
    plain.replace('web', 'wéb 😀'),
  ])('is its own JSON: %s', (text) => {
    const found = read(text);
    const normalized = normalize(JSON.parse(text), context);
    const { id: _, space: __, received_at: ___, ...event } = normalized.ok ? normalized.event : { id: '' };
    expect(event).toEqual(JSON.parse(text)); // nothing that `normalize` changes
    expect(found?.end).toBe(Buffer.byteLength(text));
    expect(JSON.parse(text)).toMatchObject({ source: found?.source, time: found?.time });
  });

  test.each([
    plain.replace('{', '{ '),
    plain.replace(':1795', ': 1795'),
    plain.replace('"web"', '"w\\u0065b"'),
    plain.replace('"web"', '"we\tb"'),
    plain.replace('"web"', '""'),
    plain.replace('"web"', `"${'x'.repeat(513)}"`),
    plain.replace('"web"', 'web'),
    plain.replace('"web"', '"web'),
    plain.replace('120', '1.2e2'),
    plain.replace('120', '120.0'),
    plain.replace('120', '0120'),
    plain.replace('120', '-120'),
    plain.replace('120', '"120"'),
    plain.replace('120', '9007199254740993'),
    plain.replace('120', '99999999999999999999'),
    plain.replace('120', ''),
    plain.replace('0.25', '.25'),
    plain.replace('0.25', '0.'),
    plain.replace('true', 'tru'),
    plain.replace('true', 'null'),
    plain.replace('1795405200123', '1795405200'),
    plain.replace('1795405200123', '1795405200123000'),
    plain.replace('"time":1795405200123,', ''),
    plain.replace('"source":"web",', ''),
    plain.replace('"destination":"db",', ''),
    plain.replace('{', '{"source":"other",'),
    plain.replace('{', '{"id":"1",'),
    plain.replace('{', '{"space":"other",'),
    plain.replace('{', '{"received_at":1,'),
    plain.replace('{', '{"colour":"red",'),
    plain.replace('{', '{"attributes":{"a":"b"},'),
    plain.replace('}', ',"outcome":"fine"}'),
    plain.replace('}', ',"resources":[]}'),
    plain.replace('}', ',"resources":["a",]}'),
    plain.replace('}', `,"resources":[${Array.from({ length: 9 }, () => '"a"')}]}`),
    plain.replace('}', ',}'),
    plain.slice(0, -1),
    plain.slice(0, 20),
    '{}',
    '{',
    '[]',
    '',
  ])('is nothing else: %s', (text) => {
    expect(read(text)).toBeUndefined();
  });

  test('is found at every cut of a body or not at all', () => {
    for (let length = 0; length < plain.length; length += 1) {
      expect(read(plain.slice(0, length)), String(length)).toBeUndefined();
    }
  });

  test('is read behind another one of other fields', () => {
    const other = '{"source":"a","destination":"b","time":1795405200124}';
    const readNext = createReadPlainEvent();
    const body = Buffer.from(plain + other + plain);
    const first = readNext(body, 0);
    const second = readNext(body, first?.end ?? 0);
    expect(second).toEqual({
      source: 'a',
      destination: 'b',
      time: 1795405200124,
      end: plain.length + other.length,
    });
    expect(readNext(body, second?.end ?? 0)).toMatchObject({ source: 'web', end: body.length });
  });
});
