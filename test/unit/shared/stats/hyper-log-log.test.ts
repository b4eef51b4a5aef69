import { expect, test } from 'vitest';
import { seededRandom } from '../../../../shared/random.ts';
import { hyperLogLogAdd, hyperLogLogEstimate } from '../../../../shared/stats/hyper-log-log.ts';

function estimateOf(distinct: number, repeats: number): number {
  const registers = new Uint8Array(256);
  const random = seededRandom(3);
  for (let i = 0; i < distinct; i += 1) {
    const hash = Math.floor(random.next() * 2 ** 32);
    for (let j = 0; j < repeats; j += 1) hyperLogLogAdd(registers, hash);
  }
  return hyperLogLogEstimate(registers);
}

test('nothing added is nothing', () => {
  expect(hyperLogLogEstimate(new Uint8Array(256))).toBe(0);
});

test.each([10, 100, 1_000, 100_000])('counts %i distinct things within three standard errors', (distinct) => {
  expect(Math.abs(estimateOf(distinct, 1) / distinct - 1)).toBeLessThan(3 * (1.04 / 16));
});

test('repeats do not count', () => {
  expect(estimateOf(500, 5)).toBe(estimateOf(500, 1));
});
