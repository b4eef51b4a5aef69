import { expect, test } from 'vitest';
import { createBatchIds, repeatableId } from '../../../../services/collector/event-id.ts';

const drawn = '0e8b2f7c-9d1a-4b3c-8d5e-6f7a8b9c0d1e';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('ids of a batch are UUIDv7 of its time, and sort as they came', () => {
  const next = createBatchIds(0x01a20b30c40d, () => drawn);
  const ids = Array.from({ length: 4096 }, next);
  expect(ids[0]).toBe('01a20b30-c40d-7000-8d5e-6f7a8b9c0d1e');
  expect(uuid.exec(ids[0] ?? '')?.[1]).toBe('7');
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(4096);
});

test('every 4096 ids a new number is drawn', () => {
  let draws = 0;
  const next = createBatchIds(1, () => {
    draws += 1;
    return drawn;
  });
  for (let i = 0; i < 4097; i += 1) next();
  expect(draws).toBe(2);
});

test('a repeatable id is a UUIDv8 that depends on space, shipper and the client id', () => {
  const id = repeatableId('default', 'web', '17');
  expect(uuid.exec(id)?.[1]).toBe('8');
  expect(repeatableId('default', 'web', '17')).toBe(id);
  const others = [repeatableId('other', 'web', '17'), repeatableId('default', 'we', 'b17')];
  expect(others).not.toContain(id);
});
