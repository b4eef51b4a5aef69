import { expect, test } from 'vitest';
import { partitionOf } from '../../../../shared/log/partition.ts';

// The expected values are those of Kafka's own UtilsTest.testMurmur2, made positive, modulo 1000.
test.each([
  ['21', 340],
  ['foobar', 166],
  ['a-little-bit-long-string', 112],
  ['a-little-bit-longer-string', 819],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', 677],
  ['abc', 107],
])('the key %s goes where Kafka would put it', (key, partition) => {
  expect(partitionOf(key, 1000)).toBe(partition);
});

test('a topic of one partition has no choice', () => {
  expect(partitionOf('anything', 1)).toBe(0);
});
