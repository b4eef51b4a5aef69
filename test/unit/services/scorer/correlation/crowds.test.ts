import { expect, test } from 'vitest';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';
import { attack, hourMs, minuteMs, settled, signal } from '../../../../support/signals.ts';

const flood = { agent: 'flooder', peer: 'shop', time: attack, score: 20 } as const;
/** How the flooded agent looks from its own end: as many bytes as never before, the last of them from a bystander. */
const total = {
  agent: 'shop',
  peer: 'bystander',
  time: attack + 5 * minuteMs,
  score: 12,
  detectors: ['bytes-total'],
  cause: 'bytes-total/destination/shop',
} as const;

test('what reaches a flooded agent is a part of the flood, whoever called last, after a restart too', () => {
  const correlator = settled();
  const [alert] = correlator.take(signal(flood));
  const restarted = settled();
  restarted.restore(decodeState(encodeState(correlator.save)));
  restarted.take(signal(total));
  expect(restarted.take(signal({ ...flood, time: attack + 6 * minuteMs, score: 25 }))).toMatchObject([
    { id: alert?.id, revision: 3, peers: ['shop', 'bystander'] },
  ]);
});

test.each([
  { of: 'half an hour after the flood', later: { time: attack + 35 * minuteMs } },
  { of: 'about one call alone', later: { detectors: ['bytes-in'], cause: 'bytes-in/destination/shop' } },
])('what a flooded agent shows $of is an alert of its own', ({ later }) => {
  const correlator = settled();
  correlator.take(signal(flood));
  expect(correlator.take(signal({ ...total, ...later }))).toMatchObject([{ revision: 1, agent: 'shop' }]);
});

test.each([
  { where: 'at the flooded agent', peer: 'shop' },
  { where: 'elsewhere', peer: 'store' },
])('what a bystander of a flood does later, $where, is an alert of its own', ({ peer }) => {
  const correlator = settled();
  correlator.take(signal(flood));
  correlator.take(signal(total));
  const later = {
    agent: 'bystander',
    peer,
    time: attack + 20 * minuteMs,
    score: 10,
    detectors: ['bytes-out'],
  };
  expect(correlator.take(signal(later))).toMatchObject([{ revision: 1, agent: 'bystander' }]);
});

test('what one of a crowd does elsewhere is no part of the crowd', () => {
  const correlator = settled({ alertsPerDay: 10 });
  for (let i = 0; i < 6; i += 1) {
    correlator.take(signal({ agent: `user-${i}`, peer: 'shop', time: attack + i * 1000, score: 12 }));
  }
  const later = { agent: 'user-5', peer: 'store', time: attack + hourMs / 4, score: 11 };
  expect(correlator.take(signal(later))).toMatchObject([{ revision: 1, agent: 'user-5' }]);
});
