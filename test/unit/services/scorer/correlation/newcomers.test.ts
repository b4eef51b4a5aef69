import { expect, test } from 'vitest';
import type { Alert } from '#shared/alert.ts';
import { createCorrelator } from '../../../../../services/scorer/correlation/correlator.ts';
import { detectors } from '../../../../../services/scorer/detectors/index.ts';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';
import { attack, dayMs, hourMs, minuteMs, settled, signal } from '../../../../support/signals.ts';

const members = 30;
const nobodyMet = { agent: null, group: null, space: null };

/** App i calls a service that its release asks, `i` times twenty minutes after the first. */
const asks = (i: number, given: Partial<Parameters<typeof signal>[0]> = {}) =>
  signal({
    agent: `app-${i}`,
    peer: 'flags',
    time: attack + i * 20 * minuteMs,
    score: 10,
    detectors: ['rare-action', 'new-edge'],
    evidence: { group_members: members },
    first_seen: i === 0 ? nobodyMet : { agent: null, group: attack, space: attack },
    ...given,
  });

/** The newest revision of each alert. */
const standing = (alerts: readonly Alert[]) => [
  ...new Map(alerts.map((alert) => [alert.id, alert])).values(),
];

test('all who come to call an agent that nobody had met are one alert, which names group and newcomer', () => {
  const correlator = settled({ alertsPerDay: 100 });
  const told = [0, 1, 2, 3, 4, 5, 6].flatMap((i) => correlator.take(asks(i)));
  const [alert, ...others] = standing(told);
  expect(others).toEqual([]);
  expect(alert?.title).toBe('7 of 30 in group service: does what it never does (with flags)');
  expect(alert?.sentence).toContain('came to call flags, which nobody had called before');
  expect(alert?.peers).toEqual(expect.arrayContaining(['app-1', 'app-6']));
});

test('two callers are one alert about the first, and no change of a group', () => {
  const correlator = settled({ alertsPerDay: 100 });
  const [alert, ...others] = standing([0, 1].flatMap((i) => correlator.take(asks(i))));
  expect(others).toEqual([]);
  expect(alert).toMatchObject({ agent: 'app-0', title: expect.stringMatching(/^app-0: /) });
});

test('a caller is remembered for a day, who is new to it joins within hours, as after a restart', () => {
  const before = settled({ alertsPerDay: 100 });
  const told = [0, 1, 2].flatMap((i) => before.take(asks(i)));
  const after = settled({ alertsPerDay: 100 });
  after.restore(decodeState(encodeState(before.save)));
  const again = after.take(asks(1, { time: attack + 20 * hourMs }));
  expect(standing([...told, ...again])).toHaveLength(1);
  const much = { score: 12 };
  const late = after.take(asks(3, { ...much, time: attack + 23 * hourMs }));
  expect(standing(late)).toMatchObject([{ agent: 'app-3', revision: 1 }]);
});

test('what known agents are called by is no newcomer’s', () => {
  const correlator = settled({ alertsPerDay: 100 });
  const known = { first_seen: { agent: null, group: null, space: attack - 9 * dayMs } };
  const told = [0, 1, 2].flatMap((i) => correlator.take(asks(i, { ...known, time: attack + i * hourMs })));
  expect(standing(told)).toHaveLength(3);
});

test('who moves far more to the newcomer than the others are unusual keeps an alert of its own', () => {
  const correlator = settled({ alertsPerDay: 100 });
  for (const i of [0, 1, 2]) correlator.take(asks(i));
  const time = attack + hourMs;
  const [apart] = correlator.take(asks(4, { time, score: 40, detectors: ['bytes-out'] }));
  expect(apart).toMatchObject({ agent: 'app-4', revision: 1 });
  const [joined] = correlator.take(asks(5, { time, score: 40 }));
  expect(joined?.agent).toBe('app-0');
});

test('evidence that compares with the whole space makes no change of a peer group', () => {
  const correlator = settled({ alertsPerDay: 100 });
  const evidence = { group: 'default' };
  const told = [0, 1, 2, 3].flatMap((i) =>
    correlator.take(asks(i, { detectors: ['rare-caller'], evidence })),
  );
  expect(standing(told)).toMatchObject([{ agent: 'app-0', title: expect.stringMatching(/^app-0: /) }]);
});

test('on the first day nobody is a newcomer, because all are', () => {
  const correlator = createCorrelator({ alertsPerDay: 100, detectors });
  const told = [0, 1, 2, 3].flatMap((i) => correlator.take(asks(i, { first_seen: nobodyMet })));
  expect(standing(told).filter(({ title }) => title.includes(' in group '))).toEqual([]);
});

test('that a newcomer is slow is no story of those who call it', () => {
  const correlator = settled({ alertsPerDay: 100 });
  for (const i of [0, 1, 2]) correlator.take(asks(i));
  const slow = {
    agent: 'flags',
    peer: 'app-1',
    detectors: ['slow-agent'],
    cause: 'slow-agent/destination/flags',
  };
  const [told] = correlator.take(asks(3, { ...slow, first_seen: null }));
  expect(told).toMatchObject({ agent: 'flags', revision: 1 });
});
