import { describe, expect, test } from 'vitest';
import { AppError } from '#shared/errors.ts';
import type { LogRecord } from '#shared/log/log.ts';
import type { Store } from '#shared/store/store.ts';
import { insertBatch } from '../../../../services/recorder/batch-insert.ts';

const record = (offset: number): LogRecord => {
  return { offset, key: null, value: Buffer.from(`{"n":${offset}}`), timestamp: 0 };
};
const open = new AbortController().signal;
const part = { topic: 'events', partition: 3 } as const;

/** A store that keeps what it is given, except rows it is told to refuse. */
function storeThatRefuses(isBad: (n: number) => boolean) {
  const kept: number[] = [];
  const tokens: string[] = [];
  const insert: Store['insert'] = async ({ rows, token }) => {
    tokens.push(token);
    const numbers = rows
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).n as number);
    if (numbers.some(isBad)) throw new AppError('STORE_ROW', 'cannot parse');
    kept.push(...numbers);
  };
  return { store: { insert } as Store, kept, tokens };
}

describe.each([
  { what: 'the first', bad: [0] },
  { what: 'the last', bad: [99] },
  { what: 'two neighbours', bad: [49, 50] },
  { what: 'several', bad: [3, 17, 64, 65, 66] },
  { what: 'none', bad: [] },
])('when $what of a hundred rows cannot be taken', ({ bad }) => {
  const records = Array.from({ length: 100 }, (_, n) => record(n));
  const intent = { from: 0, to: 100 };

  test('those alone are refused, and all others kept once', async () => {
    const { store, kept } = storeThatRefuses((n) => bad.includes(n));
    const refused = await insertBatch(store, part, records, intent, open);
    expect(refused.map(({ record: { offset } }) => offset)).toEqual(bad);
    expect(kept.toSorted((a, b) => a - b)).toEqual(
      records.map(({ offset }) => offset).filter((n) => !bad.includes(n)),
    );
  });

  test('a repeat uses the same tokens', async () => {
    const first = storeThatRefuses((n) => bad.includes(n));
    const second = storeThatRefuses((n) => bad.includes(n));
    await insertBatch(first.store, part, records, intent, open);
    await insertBatch(second.store, part, records, intent, open);
    expect(second.tokens).toEqual(first.tokens);
    expect(new Set(first.tokens).size).toBe(first.tokens.length);
    expect(first.tokens[0]).toBe('events/3/0-100');
  });
});

test('a store that is away refuses no row', async () => {
  const insert = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'away'));
  const inserted = insertBatch({ insert } as never, part, [record(0)], { from: 0, to: 1 }, open);
  await expect(inserted).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});

test('nothing to insert asks nobody', async () => {
  const { store, tokens } = storeThatRefuses(() => true);
  expect(await insertBatch(store, part, [], { from: 0, to: 9 }, open)).toEqual([]);
  expect(tokens).toEqual([]);
});
