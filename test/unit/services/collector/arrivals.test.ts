import { describe, expect, test } from 'vitest';
import { type Arrivals, createArrivals } from '../../../../services/collector/arrivals.ts';

const spansOf = (arrivals: Arrivals) =>
  arrivals.records().map(({ value, partition }) => ({ partition, times: JSON.parse(String(value)) }));

function arrivalsAt(times: readonly number[]): Arrivals {
  const arrivals = createArrivals();
  for (const time of times) arrivals.add(1, time, String(time));
  return arrivals;
}

describe('events for another partition', () => {
  test('are one record for each partition', () => {
    const arrivals = createArrivals();
    arrivals.add(2, 10, '10');
    arrivals.add(1, 11, '11');
    arrivals.add(2, 12, '12');
    expect(spansOf(arrivals)).toEqual([
      { partition: 2, times: [10, 12] },
      { partition: 1, times: [11] },
    ]);
    expect(arrivals.records().every(({ key }) => key === null)).toBe(true);
  });

  test('are none where there are none', () => {
    expect(createArrivals().records()).toEqual([]);
  });

  test('are cut at a minute of event time', () => {
    const records = spansOf(arrivalsAt([0, 30_000, 60_000, 60_001, 90_000, 200_000]));
    expect(records.map(({ times }) => times)).toEqual([[0, 30_000, 60_000], [60_001, 90_000], [200_000]]);
  });

  test('are put in the order of their times, so that a shuffled history is cut no more often', () => {
    const records = spansOf(arrivalsAt([200_000, 0, 90_000, 60_001, 60_000, 30_000]));
    expect(records.map(({ times }) => times)).toEqual([[0, 30_000, 60_000], [60_001, 90_000], [200_000]]);
  });

  test('are cut before a record is too long for a broker', () => {
    const arrivals = createArrivals();
    const value = JSON.stringify('x'.repeat(100_000));
    for (let time = 0; time < 5; time += 1) arrivals.add(1, time, value);
    const lengths = arrivals.records().map(({ value: json }) => String(json).length);
    expect(lengths.map((length) => Math.round(length / 100_000))).toEqual([2, 2, 1]);
  });
});
