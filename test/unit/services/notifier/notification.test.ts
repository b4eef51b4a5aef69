import { expect, test } from 'vitest';
import {
  fitAlert,
  messageId,
  notificationBytesMax,
  notificationOf,
} from '../../../../services/notifier/notification.ts';
import { anAlert } from '../../../support/alert.ts';
import { aDelivery } from '../../../support/delivery.ts';

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

test('an ordinary alert is told whole', () => {
  expect(fitAlert(anAlert())).toEqual(anAlert());
});

test('a long alert loses its reckoning and the ends of its lists, and keeps what is strongest', () => {
  const [evidence] = anAlert().evidence;
  if (evidence === undefined) throw new Error('the test alert has evidence');
  const strong = { ...evidence, sentence: 'the strongest' };
  const long = anAlert({
    peers: Array.from({ length: 200 }, (_, i) => `peer-${i}`),
    reckoning: { tests: { who: { 'new-edge/source': -14 } }, calibration: null },
    evidence: [strong, ...Array.from({ length: 100 }, () => evidence)],
    events: Array.from({ length: 500 }, (_, i) => `event-${i}`),
  });
  const fitted = fitAlert(long);
  expect(bytes(long)).toBeGreaterThan(notificationBytesMax);
  expect(bytes(fitted)).toBeLessThanOrEqual(notificationBytesMax);
  expect(fitted).toMatchObject({ id: long.id, sentence: long.sentence, peers: long.peers.slice(0, 16) });
  expect(fitted.evidence[0]).toEqual(strong);
  expect(fitted).not.toHaveProperty('reckoning');
});

test('the longest texts that an event may bring still fit', () => {
  const worst = '\u0000'.repeat(4_000);
  const alert = anAlert({
    agent: worst,
    peers: [worst, worst],
    cause: worst,
    title: worst,
    sentence: worst,
    detectors: [worst],
    evidence: [],
  });
  expect(bytes(fitAlert(alert))).toBeLessThanOrEqual(notificationBytesMax);
});

test('a message id follows from target, alert and revision alone, and holds no dot', () => {
  const id = messageId('soc', anAlert());
  expect(id).toMatch(/^msg_[A-Za-z0-9_-]{32}$/);
  expect(messageId('soc', anAlert({ severity: 99 }))).toBe(id);
  const others = [
    messageId('soc', anAlert({ revision: 2 })),
    messageId('soc', anAlert({ id: 'alert-2' })),
    messageId('soc', anAlert({ space: 'other' })),
    messageId('siem', anAlert()),
  ];
  expect(new Set([id, ...others]).size).toBe(5);
});

test('a record of the delivery log is told as it was recorded', () => {
  const delivery = aDelivery({ type: 'anomaly.alert.updated' });
  expect(notificationOf(delivery)).toEqual({ id: 'msg_1', type: 'anomaly.alert.updated', alert: anAlert() });
  const { notification: _told, ...ended } = delivery;
  expect(() => notificationOf(ended)).toThrow('nothing to tell');
});
