import { expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { createEventOrder } from '../../../../services/scorer/event-order.ts';

const minuteMs = 60_000;
const create = (ends: Readonly<Record<string, number>> = {}) => {
  const stopping = new AbortController();
  const order = createEventOrder({
    clock: systemClock,
    signal: stopping.signal,
    endOf: async (topic) => ends[topic] ?? 0,
  });
  return { order, stopping };
};

test('a topic whose neighbour has nothing more goes on at once', async () => {
  const { order } = create();
  order.begin('events', 0, 10);
  order.begin('arrivals', 5, 5);
  await order.admit('events', { time: minuteMs, end: 10 });
});

test('the topic with the newer record waits for the older one, and may go on up to the next', async () => {
  const { order } = create();
  order.begin('events', 0, 2);
  order.begin('arrivals', 0, 2);
  const taken: string[] = [];
  const arrivals = order.admit('arrivals', { time: 20, end: 2 }).then((limit) => {
    taken.push('arrivals');
    return limit;
  });
  expect(await order.admit('events', { time: 10, end: 2 })).toBe(20);
  taken.push('events');
  order.taken('events', 1);
  const second = order.admit('events', { time: 30, end: 2 });
  expect(await arrivals).toBe(29);
  order.taken('arrivals', 2);
  await second;
  expect(taken).toEqual(['events', 'arrivals']);
});

test('of two equally old records the event goes first', async () => {
  const { order } = create();
  order.begin('events', 0, 1);
  order.begin('arrivals', 0, 1);
  const taken: string[] = [];
  const arrivals = order.admit('arrivals', { time: 10, end: 1 }).then(() => taken.push('arrivals'));
  await order.admit('events', { time: 10, end: 1 }).then(() => taken.push('events'));
  order.taken('events', 1);
  await arrivals;
  expect(taken).toEqual(['events', 'arrivals']);
});

test('before a leap of event time it looks for records that have come meanwhile', async () => {
  const { order } = create({ events: 1 });
  order.begin('events', 0, 0);
  order.begin('arrivals', 0, 0);
  const taken: string[] = [];
  const arrivals = order
    .admit('arrivals', { time: 60 * minuteMs, end: 1 })
    .then(() => taken.push('arrivals'));
  await systemClock.sleep(20);
  expect(taken).toEqual([]);
  await order.admit('events', { time: minuteMs, end: 1 });
  order.taken('events', 1);
  await arrivals;
});

test('records that never come hold it up for two seconds, and a stop for no time', async () => {
  const { order, stopping } = create();
  order.begin('events', 0, 1);
  const limit = await order.admit('arrivals', { time: 10, end: 1 });
  expect(limit).toBe(Number.POSITIVE_INFINITY);
  const waiting = order.admit('arrivals', { time: 20, end: 2 });
  stopping.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
});
