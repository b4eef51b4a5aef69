import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import type { LogRecord } from '#shared/log/log.ts';
import { Inbox, type InsertBatch } from '../../../../services/recorder/inbox.ts';

const record = (offset: number, bytes = 9): LogRecord => {
  return { offset, key: null, value: Buffer.alloc(bytes), timestamp: 0 };
};
const records = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => record(from + index));
const limits = { rowsMax: 10, bytesMax: 1000, lingerMs: 0 };
const open = new AbortController().signal;
const offsets = (batch: InsertBatch | undefined) => batch?.records.map(({ offset }) => offset);

/** Everything that is left, in batches. */
async function drain(inbox: Inbox): Promise<readonly InsertBatch[]> {
  inbox.close();
  const batches: InsertBatch[] = [];
  for (let batch = await inbox.take(); batch !== undefined; batch = await inbox.take()) batches.push(batch);
  return batches;
}

test('gives out records in order, in batches of the limits, with the offsets they span', async () => {
  const inbox = new Inbox(limits, systemClock, undefined, open);
  inbox.put(records(5, 28));
  const batches = await drain(inbox);
  expect(batches.map(({ intent }) => intent)).toEqual([
    { from: 5, to: 15 },
    { from: 15, to: 25 },
    { from: 25, to: 28 },
  ]);
});

test('one record beyond the limit of bytes makes a batch of its own', async () => {
  const inbox = new Inbox({ ...limits, bytesMax: 50 }, systemClock, undefined, open);
  inbox.put([record(0), record(1, 500), record(2)]);
  expect((await drain(inbox)).map(offsets)).toEqual([[0], [1], [2]]);
});

test('waits for more as long as it may, and no longer for a full batch', async () => {
  const inbox = new Inbox({ ...limits, lingerMs: 60_000 }, systemClock, undefined, open);
  inbox.put(records(0, 4));
  const taken = inbox.take();
  inbox.put(records(4, 10));
  expect(offsets(await taken)).toHaveLength(10);
  const lingering = new Inbox({ ...limits, lingerMs: 5 }, systemClock, undefined, open);
  lingering.put(records(0, 4));
  expect(offsets(await lingering.take())).toHaveLength(4);
});

test('what a crash interrupted is given out again to the record, beyond any limit', async () => {
  const inbox = new Inbox({ ...limits, rowsMax: 3 }, systemClock, { from: 0, to: 8 }, open);
  inbox.put(records(0, 7));
  expect(inbox.isFull).toBe(false);
  const taken = inbox.take();
  inbox.put(records(7, 12));
  expect(inbox.isFull).toBe(true);
  expect(await taken).toMatchObject({ intent: { from: 0, to: 8 }, records: { length: 8 } });
  expect((await drain(inbox)).map(({ intent }) => intent)).toEqual([
    { from: 8, to: 11 },
    { from: 11, to: 12 },
  ]);
});

test('an interrupted batch whose last records were compacted away keeps its offsets', async () => {
  const inbox = new Inbox(limits, systemClock, { from: 0, to: 8 }, open);
  inbox.put([record(0), record(3), record(20)]);
  const again = await inbox.take();
  expect(again?.intent).toEqual({ from: 0, to: 8 });
  expect(offsets(again)).toEqual([0, 3]);
});

test('an interrupted batch that is not whole at the end is left to the next start', async () => {
  const inbox = new Inbox(limits, systemClock, { from: 0, to: 8 }, open);
  inbox.put(records(0, 5));
  expect(await drain(inbox)).toEqual([]);
});

test('giving up ends every wait', async () => {
  const given = new AbortController();
  const inbox = new Inbox(limits, systemClock, undefined, given.signal);
  const taken = inbox.take();
  given.abort(new Error('given up'));
  await expect(taken).rejects.toThrow('given up');
});

test('whatever comes in goes out once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat({ max: 300 }), { maxLength: 20 }), { maxLength: 10 }),
      fc.integer({ min: 1, max: 7 }),
      async (puts, rowsMax) => {
        const inbox = new Inbox({ rowsMax, bytesMax: 600, lingerMs: 0 }, systemClock, undefined, open);
        let next = 0;
        for (const sizes of puts) inbox.put(sizes.map((bytes) => record(next++, bytes)));
        const given = (await drain(inbox)).flatMap((batch) => offsets(batch) ?? []);
        expect(given).toEqual(Array.from({ length: next }, (_, offset) => offset));
        expect(inbox.length).toBe(0);
      },
    ),
  );
});
