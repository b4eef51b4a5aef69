import { expect, test } from 'vitest';
import type { Alert } from '#shared/alert.ts';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';
import { attack, dayMs, hourMs, minuteMs, settled, signal } from '../../../../support/signals.ts';

const members = 40;

/** Member i of the group is slower than ever, `i` minutes after the first. */
const slow = (i: number, given: { readonly time?: number; readonly score?: number } = {}) =>
  signal({
    agent: `app-${i}`,
    peer: `client-${i}`,
    time: attack + i * minuteMs,
    score: 8,
    detectors: ['latency'],
    evidence: { group_members: members },
    ...given,
  });

/** The newest revision of each alert. */
function standing(alerts: readonly Alert[]): readonly Alert[] {
  return [...new Map(alerts.map((alert) => [alert.id, alert])).values()];
}
const open = (alerts: readonly Alert[]) => standing(alerts).filter(({ status }) => status === 'new');

test('a release on three tenths of a group is one alert about the group', () => {
  const correlator = settled({ alertsPerDay: 100 });
  const told = Array.from({ length: 12 }, (_, i) => correlator.take(slow(i))).flat();
  const [alert, ...others] = open(told);
  expect(others).toEqual([]);
  expect(alert?.title).toBe('12 of 40 in group service: slower than it ever is');
  expect(alert?.sentence).toContain('planned change of group service');
  expect(alert?.peers).toEqual(expect.arrayContaining(['app-1', 'app-11']));
});

test('what was told of members before is archived, and names the alert that it is a part of', () => {
  const correlator = settled({ alertsPerDay: 100 });
  const told = Array.from({ length: 12 }, (_, i) => correlator.take(slow(i))).flat();
  const [whole] = open(told);
  const archived = standing(told).filter(({ status }) => status === 'archived');
  expect(archived.length).toBeGreaterThan(0);
  for (const { sentence } of archived) expect(sentence).toContain(`part of alert ${whole?.id}`);
});

test('members that follow within a day update it, as after a restart', () => {
  const correlator = settled({ alertsPerDay: 100 });
  const told = Array.from({ length: 12 }, (_, i) => correlator.take(slow(i))).flat();
  const after = settled({ alertsPerDay: 100 });
  after.restore(decodeState(encodeState(correlator.save)));
  for (let i = 12; i < 30; i += 1) told.push(...after.take(slow(i, { time: attack + 5 * hourMs })));
  expect(open(told)).toHaveLength(1);
  expect(open(told)[0]?.title).toMatch(/^2\d of 40/);
});

test('a few members, or members on different days, are no change of the group', () => {
  const few = settled({ alertsPerDay: 100 });
  const ofFew = Array.from({ length: 11 }, (_, i) => few.take(slow(i))).flat();
  expect(open(ofFew)).toHaveLength(11);
  const slowly = settled({ alertsPerDay: 100 });
  const spread = Array.from({ length: 20 }, (_, i) =>
    slowly.take(slow(i, { time: attack + i * 2 * hourMs })),
  );
  expect(open(spread.flat()).every(({ title }) => title.startsWith('app-'))).toBe(true);
});

test('members that are hardly unusual are no change of the group: so many are by chance', () => {
  const correlator = settled({ alertsPerDay: 100 });
  const told = Array.from({ length: 30 }, (_, i) => correlator.take(slow(i, { score: 1.5 }))).flat();
  expect(standing(told).every(({ title }) => title.startsWith('app-'))).toBe(true);
});

test('an attack on one member during a release keeps an alert of its own', () => {
  const correlator = settled({ alertsPerDay: 100 });
  for (let i = 0; i < 12; i += 1) correlator.take(slow(i));
  const time = attack + 15 * minuteMs;
  const other = { agent: 'app-3', peer: 'evil.example', time, score: 12, detectors: ['new-edge'] };
  const [byAnother] = correlator.take(signal(other));
  expect(byAnother).toMatchObject({ revision: 1, agent: 'app-3' });
  const [farWorse] = correlator.take(slow(20, { score: 30 }));
  expect(farWorse).toMatchObject({ revision: 1, agent: 'app-20' });
});

test('what a member shows after a pause, far less likely than before, keeps an alert of its own', () => {
  const correlator = settled({ alertsPerDay: 100 });
  const told = Array.from({ length: 12 }, (_, i) => correlator.take(slow(i))).flat();
  const time = attack + 2 * hourMs;
  const [again] = correlator.take(slow(4, { time }));
  expect(again?.id).toBe(open(told)[0]?.id);
  const [worse] = correlator.take(slow(3, { time, score: 10 }));
  expect(worse).toMatchObject({ revision: 1, agent: 'app-3' });
});

test('what one agent does to many is one alert, and excuses nothing that others do to them', () => {
  const correlator = settled({ alertsPerDay: 100 });
  /** Member i is called by somebody whom it has never met, `i` minutes after the first. */
  const met = (i: number, peer: string, time = attack + i * minuteMs) =>
    signal({
      agent: `app-${i}`,
      peer,
      time,
      score: 8,
      detectors: ['new-edge'],
      cause: `new-edge/destination/app-${i}`,
      evidence: { group_members: members },
    });
  const swept = Array.from({ length: 12 }, (_, i) => correlator.take(met(i, 'scanner'))).flat();
  expect(open(swept)).toHaveLength(1);
  const after = settled({ alertsPerDay: 100 });
  after.restore(decodeState(encodeState(correlator.save)));
  const time = attack + 3 * hourMs;
  const [more] = after.take(met(20, 'scanner', time));
  expect(more?.id).toBe(open(swept)[0]?.id);
  const [byAnother] = after.take(met(3, 'intruder', time));
  expect(byAnother).toMatchObject({ revision: 1, agent: 'app-3' });
  const again = Array.from({ length: 12 }, (_, i) => after.take(met(i, 'scanner-2', time + i * minuteMs)));
  expect(open(again.flat())).toHaveLength(1);
});

test('a change that comes after a day of quiet is told anew', () => {
  const correlator = settled({ alertsPerDay: 100 });
  const first = Array.from({ length: 12 }, (_, i) => correlator.take(slow(i))).flat();
  const later = Array.from({ length: 12 }, (_, i) =>
    correlator.take(slow(i, { time: attack + 2 * dayMs + i * minuteMs })),
  ).flat();
  expect(open(later)).toHaveLength(1);
  expect(open(later)[0]?.id).not.toBe(open(first)[0]?.id);
});
