import { describe, expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { createFold } from '../../../../services/collector/fold.ts';
import type { Sighting } from '../../../../services/collector/schemas/schema.ts';

const now = 1793613600000;
const event = (fields: Partial<AmissEvent>): AmissEvent => ({
  id: 'e',
  time: now,
  received_at: now,
  space: 'default',
  source: 'web',
  destination: 'orders',
  ...fields,
});
const caller = event({
  id: 'a',
  destination: '10.0.2.9',
  outcome: 'success',
  duration_ms: 14,
  observer: 'web-1',
});
const called = event({
  id: 'b',
  time: now + 1,
  source: '10.0.1.5',
  outcome: 'success',
  mtls: true,
  auth_subject: 'spiffe://x/web',
  duration_ms: 12,
  observer: 'orders-1',
});

type Part = Sighting['part'];
const fresh = (options: { windowMs?: number; callsMax?: number } = {}) =>
  createFold({ windowMs: 60_000, callsMax: 1000, ...options });

/** One delivery; committed unless the append fails. */
function deliver(
  fold: ReturnType<typeof createFold>,
  sightings: readonly (readonly [AmissEvent, Part, string?])[],
  { at = now, isAppended = true } = {},
): readonly AmissEvent[] {
  const folding = fold.begin(at);
  for (const [seen, part, call = 'c1'] of sightings) folding.add(seen, { call, part });
  const events = folding.finish();
  if (isAppended) folding.commit();
  return events;
}

test('sightings that become no event of their own are counted', () => {
  const fold = fresh();
  const folding = fold.begin(now);
  folding.add(caller, { call: 'c1', part: 'source' });
  folding.add(called, { call: 'c1', part: 'destination' });
  folding.add(caller, { call: 'c2', part: 'source' });
  folding.finish();
  folding.commit();
  expect(folding.folded()).toBe(1);
  const later = fold.begin(now + 1);
  later.add(called, { call: 'c2', part: 'destination' });
  expect(later.finish()).toEqual([]);
  expect(later.folded()).toBe(1);
});

describe('both ends of a call', () => {
  test('in one delivery are one event, whichever comes first', () => {
    const merged = {
      ...event({ id: 'a', outcome: 'success', mtls: true, auth_subject: 'spiffe://x/web', duration_ms: 14 }),
      observer: 'web-1',
      attributes: { also_observed_by: 'orders-1' },
    };
    expect(
      deliver(fresh(), [
        [caller, 'source'],
        [called, 'destination'],
      ]),
    ).toEqual([merged]);
    expect(
      deliver(fresh(), [
        [called, 'destination'],
        [caller, 'source'],
      ]),
    ).toEqual([merged]);
  });

  test('in two deliveries are one event', () => {
    const fold = fresh();
    expect(deliver(fold, [[caller, 'source']])).toEqual([caller]);
    expect(deliver(fold, [[called, 'destination']])).toEqual([]);
  });

  test('are told as two where they do not agree, with what differs', () => {
    const fold = fresh();
    deliver(fold, [[caller, 'source']]);
    const denied = { ...called, outcome: 'denied' } as const;
    expect(deliver(fold, [[denied, 'destination']])).toEqual([
      { ...denied, attributes: { observers_disagree: 'outcome' } },
    ]);
    const [merged] = deliver(fresh(), [
      [caller, 'source'],
      [denied, 'destination'],
    ]);
    expect(merged).toMatchObject({ outcome: 'denied', attributes: { observers_disagree: 'outcome' } });
  });

  test('are told as two where one saw another end of it, which is no contradiction', () => {
    const fold = fresh();
    deliver(fold, [[caller, 'source']]);
    const late = { ...called, outcome: 'timeout' } as const;
    expect(deliver(fold, [[late, 'destination']])).toEqual([late]);
  });

  test('are told as two after the window', () => {
    const fold = fresh({ windowMs: 1000 });
    deliver(fold, [[caller, 'source']]);
    expect(deliver(fold, [[called, 'destination']], { at: now + 1000 })).toEqual([called]);
  });

  test('of a delivery that was not stored swallow nothing', () => {
    const fold = fresh();
    deliver(fold, [[caller, 'source']], { isAppended: false });
    expect(deliver(fold, [[called, 'destination']])).toEqual([called]);
  });

  test('bytes of the way back are never lost', () => {
    const fold = fresh();
    deliver(fold, [[event({ bytes_out: 10 }), 'source']]);
    const back = event({ bytes_in: 90 });
    expect(deliver(fold, [[back, 'destination']])).toEqual([back]);
    expect(
      deliver(fresh(), [
        [event({ bytes_out: 10 }), 'source'],
        [back, 'destination'],
      ])[0],
    ).toMatchObject({
      bytes_out: 10,
      bytes_in: 90,
    });
  });

  test('the same end again is another call', () => {
    const fold = fresh();
    deliver(fold, [
      [caller, 'source'],
      [called, 'destination'],
    ]);
    expect(
      deliver(fold, [
        [caller, 'source'],
        [caller, 'source'],
      ]),
    ).toEqual([caller, caller]);
  });
});

describe('of two shippers', () => {
  const mine = { ...caller, shipper: 's1', destination: 'cart' };
  const theirs = { ...called, shipper: 's2', source: 'web', destination: 'orders' };

  test('one cannot hide what the other saw by naming its call', () => {
    const fold = fresh();
    deliver(fold, [[mine, 'source']]);
    expect(deliver(fold, [[theirs, 'destination']])).toEqual([theirs]);
    expect(
      deliver(fresh(), [
        [mine, 'source'],
        [theirs, 'destination'],
      ]),
    ).toEqual([mine, theirs]);
  });

  test('the same ends under longer names are one call', () => {
    const fold = fresh();
    deliver(fold, [[{ ...mine, destination: 'orders.shop.svc' }, 'source']]);
    expect(deliver(fold, [[{ ...theirs, destination: 'shop/orders' }, 'destination']])).toEqual([]);
  });

  test('spaces never fold with each other', () => {
    const fold = fresh();
    deliver(fold, [[caller, 'source']]);
    const other = { ...called, space: 'other' };
    expect(deliver(fold, [[other, 'destination']])).toEqual([other]);
  });
});

describe('lines of one connection', () => {
  const tls = event({
    id: 't',
    action: 'tls handshake',
    tls_version: 'TLSv1.3',
    mtls: true,
    attributes: { server_name: 'x' },
  });
  const connection = event({ id: 'c', action: 'tcp/http', bytes_out: 700, bytes_in: 5900 });
  const request = event({ id: 'r1', action: 'GET /a', bytes_out: 0, bytes_in: 5000 });
  const second = event({ id: 'r2', action: 'GET /b', bytes_out: 64, bytes_in: 12 });

  test('are one event with what the handshake says', () => {
    expect(
      deliver(fresh(), [
        [tls, 'handshake'],
        [connection, 'connection'],
      ]),
    ).toEqual([{ ...connection, tls_version: 'TLSv1.3', mtls: true, attributes: { server_name: 'x' } }]);
  });

  test('are one event for each request, and no byte is counted twice', () => {
    const events = deliver(fresh(), [
      [request, 'request'],
      [connection, 'connection'],
      [second, 'request'],
    ]);
    expect(events.map(({ id, bytes_out, bytes_in }) => [id, bytes_out, bytes_in])).toEqual([
      ['r1', 0, 5000],
      ['r2', 700, 900],
    ]);
  });

  test('are joined over deliveries, and no byte is counted twice', () => {
    const fold = fresh();
    expect(deliver(fold, [[tls, 'handshake']])).toEqual([tls]);
    expect(deliver(fold, [[request, 'request']])).toMatchObject([{ id: 'r1', tls_version: 'TLSv1.3' }]);
    expect(deliver(fold, [[connection, 'connection']])).toMatchObject([
      { id: 'c', bytes_out: 700, bytes_in: 900, mtls: true },
    ]);
  });
});

test('no more calls are remembered than allowed, the newest of them', () => {
  const fold = fresh({ callsMax: 3 });
  deliver(
    fold,
    Array.from({ length: 10 }, (_, i) => [caller, 'source', `c${i}`] as const),
  );
  expect(fold.size()).toBe(3);
  expect(deliver(fold, [[called, 'destination', 'c9']])).toEqual([]);
  expect(deliver(fold, [[called, 'destination', 'c0']])).toEqual([called]);
});
