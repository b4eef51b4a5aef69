import { expect, test } from 'vitest';
import { rejectSampleBytesMax } from '#shared/reject.ts';
import { joinRows, rejectOf } from '../../../../services/recorder/rows.ts';

const record = (text: string, offset = 7) => {
  return { offset, key: null, value: Buffer.from(text), timestamp: 1_700_000_000_000 };
};
const part = { topic: 'events', partition: 1 };

test('rows are joined byte for byte, one a line', () => {
  expect(joinRows([record('{"a":"é"}'), record('{}')]).toString()).toBe('{"a":"é"}\n{}\n');
  expect(joinRows([])).toHaveLength(0);
});

test('a reject says what it was, in which space, and why', () => {
  expect(rejectOf(part, record('{"space":"tenant","id":5}'), 'no uuid')).toEqual({
    id: 'events/1/7',
    time: 1_700_000_000_000,
    space: 'tenant',
    source: 'recorder',
    format: 'events',
    reason: 'no uuid',
    sample: '{"space":"tenant","id":5}',
  });
});

test.each(['{', '"text"', 'null', '{"space":5}'])('the space of %s is the default one', (text) => {
  expect(rejectOf(part, record(text), 'r').space).toBe('default');
});

test('a sample and a reason are short', () => {
  const reject = rejectOf(part, record('x'.repeat(5000)), 'y'.repeat(5000));
  expect(reject.sample).toHaveLength(rejectSampleBytesMax);
  expect(reject.reason).toHaveLength(rejectSampleBytesMax);
});
