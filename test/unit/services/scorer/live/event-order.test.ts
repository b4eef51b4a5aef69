import { expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { createEventOrder } from '../../../../../services/scorer/live/event-order.ts';

const minuteMs = 60_000;
const live = (time: number) => ({ space: 'live', time, receivedAt: time });
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
  await order.admit('events', live(minuteMs), 10);
});

test('the topic with the newer record waits for the older one, and may go on up to the next', async () => {
  const { order } = create();
  order.begin('events', 0, 2);
  order.begin('arrivals', 0, 2);
  const taken: string[] = [];
  const arrivals = order.admit('arrivals', live(20), 2).then((mayFollow) => {
    taken.push('arrivals');
    return mayFollow;
  });
  const mayFollowEvent = await order.admit('events', live(10), 2);
  expect([20, 21].map((time) => mayFollowEvent(live(time)))).toEqual([true, false]);
  taken.push('events');
  order.taken('events', 1);
  const second = order.admit('events', live(30), 2);
  const mayFollowArrival = await arrivals;
  expect([29, 30].map((time) => mayFollowArrival(live(time)))).toEqual([true, false]);
  order.taken('arrivals', 2);
  await second;
  expect(taken).toEqual(['events', 'arrivals']);
});

test('of two equally old records the event goes first', async () => {
  const { order } = create();
  order.begin('events', 0, 1);
  order.begin('arrivals', 0, 1);
  const taken: string[] = [];
  const arrivals = order.admit('arrivals', live(10), 1).then(() => taken.push('arrivals'));
  await order.admit('events', live(10), 1).then(() => taken.push('events'));
  order.taken('events', 1);
  await arrivals;
  expect(taken).toEqual(['events', 'arrivals']);
});

test('records of two spaces go in the order in which they were received, however old they are', async () => {
  const { order } = create();
  order.begin('events', 0, 2);
  order.begin('arrivals', 0, 2);
  const recorded = (time: number, receivedAt: number) => ({ space: 'recorded', time, receivedAt });
  const taken: string[] = [];
  const old = order.admit('arrivals', recorded(1, 9_001), 2).then(() => taken.push('recorded'));
  const mayFollow = await order.admit('events', live(9_000), 2);
  taken.push('live');
  expect(mayFollow(live(9_002))).toBe(false);
  expect([1, 2].map((time) => mayFollow(recorded(time, 9_003)))).toEqual([true, false]);
  order.taken('events', 2);
  await old;
  expect(taken).toEqual(['live', 'recorded']);
});

test('before a leap of event time it looks for records that have come meanwhile', async () => {
  const { order } = create({ events: 1 });
  order.begin('events', 0, 0);
  order.begin('arrivals', 0, 0);
  const taken: string[] = [];
  const arrivals = order.admit('arrivals', live(60 * minuteMs), 1).then(() => taken.push('arrivals'));
  await systemClock.sleep(20);
  expect(taken).toEqual([]);
  await order.admit('events', live(minuteMs), 1);
  order.taken('events', 1);
  await arrivals;
});

test('records that never come hold it up for two seconds, and a stop for no time', async () => {
  const { order, stopping } = create();
  order.begin('events', 0, 1);
  const mayFollow = await order.admit('arrivals', live(10), 1);
  expect(mayFollow(live(60 * minuteMs))).toBe(true);
  const waiting = order.admit('arrivals', live(20), 2);
  stopping.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
});
