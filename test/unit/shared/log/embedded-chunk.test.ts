import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunkHead, chunkRuns, decodeChunk, encodeChunk } from '../../../../shared/log/embedded-chunk.ts';

const record = fc.record({
  step: fc.integer({ min: 1, max: 100_000 }),
  key: fc.option(
    fc.string({ unit: 'binary' }).filter((key) => key.isWellFormed()),
    { nil: null },
  ),
  value: fc.option(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    { nil: null },
  ),
  timestamp: fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_000 + 2 ** 31 }),
});
const records = fc.array(record, { minLength: 1, maxLength: 30 }).map((steps) => {
  let offset = -1;
  return steps.map(({ step, ...rest }, i) => {
    offset = i === 0 ? 0 : offset + step;
    return { ...rest, offset };
  });
});

describe('a chunk', () => {
  test('gives back what was put in, and says in its head what it holds', () => {
    fc.assert(
      fc.property(records, (given) => {
        const chunk = encodeChunk(given);
        const expected = given.map(({ value, offset, ...rest }) => ({
          ...rest,
          offset: offset + 1000,
          value: value ?? Buffer.alloc(0),
        }));
        expect(decodeChunk(chunk, 1000, 0)).toEqual(expected);
        const times = given.map(({ timestamp }) => timestamp);
        expect(chunkHead(chunk)).toEqual({
          oldestTimestamp: Math.min(...times),
          newestTimestamp: Math.max(...times),
          records: given.length,
          lastStep: given.at(-1)?.offset,
        });
      }),
    );
  });

  test('is read from the middle', () => {
    const values = ['a', 'b', 'c'].map((value, offset) => ({ offset, key: null, value, timestamp: 5 }));
    const read = decodeChunk(encodeChunk(values), 7, 8);
    expect(read.map(({ offset, value }) => [offset, String(value)])).toEqual([
      [8, 'b'],
      [9, 'c'],
    ]);
  });

  test('of a version that we do not know is refused', () => {
    const chunk = encodeChunk([{ offset: 0, key: null, value: 'a', timestamp: 0 }]);
    chunk[0] = 9;
    expect(() => chunkHead(chunk)).toThrow('version 9');
  });
});

describe('runs of records', () => {
  const sized = (bytes: number, offset: number, timestamp = 0) => ({
    offset,
    key: null,
    value: Buffer.alloc(bytes),
    timestamp,
  });

  test('are cut before they are over half a megabyte, and a larger record stands alone', () => {
    const given = [300_000, 200_000, 200_000, 900_000, 10].map((bytes, offset) => sized(bytes, offset));
    const runs = [...chunkRuns(given)];
    expect(runs.map((run) => run.map(({ offset }) => offset))).toEqual([[0, 1], [2], [3], [4]]);
  });

  test('are cut where the times of their records are too far apart for one chunk', () => {
    const runs = [...chunkRuns([sized(1, 0, 0), sized(1, 1, 2 ** 31), sized(1, 2, 2 ** 32)])];
    expect(runs.map((run) => run.length)).toEqual([2, 1]);
  });

  test('of nothing are none', () => {
    expect([...chunkRuns([])]).toEqual([]);
  });
});
