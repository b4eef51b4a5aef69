import { expect, test } from 'vitest';
import { committedOf, intentOf, tokenOf } from '../../../../services/recorder/intent.ts';

test('an intent comes back from what was committed', () => {
  const intent = { from: 17, to: 99 };
  expect(intentOf(committedOf(intent))).toEqual(intent);
});

test.each([
  { what: 'nothing', committed: undefined },
  { what: 'no note', committed: { offset: 5, metadata: '' } },
  { what: 'a note of somebody else', committed: { offset: 5, metadata: 'to=x' } },
])('$what is no intent', ({ committed }) => {
  expect(intentOf(committed)).toBeUndefined();
});

test('a token says topic, partition and offsets', () => {
  expect(tokenOf({ topic: 'events', partition: 2 }, { from: 5, to: 9 })).toBe('events/2/5-9');
});
