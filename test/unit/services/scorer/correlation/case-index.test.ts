import { expect, test } from 'vitest';
import { attack, dayMs, hourMs, minuteMs, settled, signal } from '../../../../support/signals.ts';

type Given = Parameters<typeof signal>[0];

/** Which alert each signal is told in: 0 is the first. */
function alertsOf(signals: readonly Given[]): readonly (number | undefined)[] {
  const correlator = settled();
  const ids = signals.map((given) => correlator.take(signal(given))[0]?.id);
  const distinct = [...new Set(ids)];
  return ids.map((id) => (id === undefined ? undefined : distinct.indexOf(id)));
}

const theft = { agent: 'app', peer: 'store', time: attack, score: 12, detectors: ['bytes-total'] } as const;
const lasting = (minutes: number, later: Partial<Given> = {}): Given => ({
  ...theft,
  time: attack + minutes * minuteMs,
  score: 12 + minutes / 3,
  ...later,
});

test('what the same test sees grow without a pause stays one alert for as long as it grows', () => {
  expect(alertsOf([lasting(0), lasting(20), lasting(40), lasting(60)])).toEqual([0, 0, 0, 0]);
});

test.each([
  { of: 'after a pause', later: lasting(60) },
  { of: 'by another test', later: lasting(35, { detectors: ['rare-action'] }) },
])('what is far less likely than an alert of more than half an hour ago, $of, is told anew', ({ later }) => {
  expect(alertsOf([lasting(0), lasting(8), later])).toEqual([0, 0, 1]);
});

test('what comes back faintly after a pause is told anew when it has grown far less likely', () => {
  const growing = [60, 65, 70].map((minutes, i) => lasting(minutes, { score: 10 + 3 * i }));
  expect(alertsOf([lasting(0), lasting(8), ...growing]).at(-1)).toBeGreaterThan(0);
});

test('two slow agents of one caller are two alerts, one slow agent of two callers is one', () => {
  const slow = (agent: string, peer: string, minutes: number): Given => ({
    agent,
    peer,
    time: attack + minutes * minuteMs,
    score: 12,
    detectors: ['slow-agent'],
    cause: `slow-agent/destination/${agent}`,
  });
  const signals = [slow('mail', 'shop', 0), slow('payment', 'shop', 5), slow('payment', 'desk', 9)];
  const correlator = settled({ alertsPerDay: 100 });
  const told = signals.map((given) => correlator.take(signal(given))[0]);
  expect(told.map((alert) => alert?.agent)).toEqual(['mail', 'payment', 'payment']);
  expect(told[2]?.id).toBe(told[1]?.id);
});

test('a ramp is the same alert however many days its sum takes to grow, for a week', () => {
  const ramp = { agent: 'clerk', peer: null, detectors: ['slow-ramp'] } as const;
  const days = [0, 3, 6, 9].map((day) => ({ ...ramp, time: attack + day * dayMs, score: 8 + day }));
  expect(alertsOf(days)).toEqual([0, 0, 0, 1]);
});

test('a flood that comes again after three days is told anew, though its agent has had a ramp since', () => {
  const flood = { agent: 'partner', peer: 'shop', time: attack, score: 14 } as const;
  const ramp = { ...flood, peer: null, time: attack + hourMs, score: 6, detectors: ['slow-ramp'] };
  expect(alertsOf([flood, ramp, { ...flood, time: attack + 3 * dayMs }])).toEqual([0, 0, 1]);
});

test('a walk goes on from where a faint step of it led', () => {
  const step = (agent: string, peer: string, minutes: number, score: number) => ({
    agent,
    peer,
    time: attack + minutes * minuteMs,
    score,
    detectors: ['rare-action'],
  });
  expect(
    alertsOf([step('user', 'front', 0, 10), step('front', 'app', 5, 4), step('app', 'store', 9, 13)]),
  ).toEqual([0, 0, 0]);
});

test('what came along with an alert, and is about others, is told anew when it comes again', () => {
  const own = { agent: 'app', peer: 'store', time: attack, score: 20 } as const;
  const seen = { agent: 'store', peer: 'other', score: 7, detectors: ['fan-out'] } as const;
  const along = {
    ...seen,
    time: attack + minuteMs,
    detectors: ['volume', 'fan-out'],
    cause: 'volume/destination/store',
  };
  const later = { ...seen, time: attack + 5 * hourMs, cause: 'fan-out/destination/store', score: 9 };
  expect(alertsOf([own, along, later])).toEqual([0, 0, 1]);
});

test('whoever called an agent that is changed does not belong to its change', () => {
  const change = {
    agent: 'tools',
    peer: 'assistant',
    time: attack,
    score: 9,
    detectors: ['tool-change', 'rare-caller'],
    cause: 'tool-change/destination/tools',
  } as const;
  const other = { agent: 'assistant', peer: 'mail', time: attack + minuteMs, score: 9 } as const;
  expect(alertsOf([change, other])).toEqual([0, 1]);
});
