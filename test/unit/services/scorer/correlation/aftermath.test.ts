import { expect, test } from 'vitest';
import type { Alert } from '#shared/alert.ts';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';
import { attack, dayMs, hourMs, minuteMs, settled, signal } from '../../../../support/signals.ts';

type Given = Partial<Parameters<typeof signal>[0]>;

/** A correlator to which twelve of forty members of a group became slow within twelve minutes. */
function changed() {
  const correlator = settled({ alertsPerDay: 100 });
  const told = Array.from({ length: 12 }, (_, i) =>
    correlator.take(shows(i, 'latency', { time: attack + i * minuteMs, score: 8 })),
  ).flat();
  return { correlator, change: standing(told).find(({ status }) => status === 'new') };
}

/** What a member shows some hours after, about a call to somebody who has not been told of. */
const shows = (i: number, detector: string, given: Given = {}) =>
  signal({
    agent: `app-${i}`,
    peer: `client-${i}-${detector}`,
    time: attack + 3 * hourMs + i * minuteMs,
    score: 5,
    detectors: [detector],
    evidence: { group_members: 40 },
    ...given,
  });

const standing = (alerts: readonly Alert[]) => [
  ...new Map(alerts.map((alert) => [alert.id, alert])).values(),
];

test('what several members of a change show beside it updates its alert, at either end of their calls', () => {
  const { correlator, change } = changed();
  correlator.take(shows(1, 'bytes-out', { score: 2 })); // too faint to be told, but the second is not the first
  const told = [
    ...correlator.take(shows(2, 'bytes-out', { score: 4 })),
    ...correlator.take(shows(0, 'bytes-out', { agent: 'front', peer: 'app-3', score: 6 })),
  ];
  expect(told.map(({ id }) => id)).toEqual(told.map(() => change?.id));
  const [last] = told.slice(-1);
  expect(last?.detectors).toEqual(expect.arrayContaining(['latency', 'bytes-out']));
  expect(last?.sentence).toContain('It shows in latency, bytes-out.');
});

test('so it does after a restart, and no longer a day later', () => {
  const { correlator, change } = changed();
  correlator.take(shows(1, 'bytes-out'));
  const after = settled({ alertsPerDay: 100 });
  after.restore(decodeState(encodeState(correlator.save)));
  const [joined] = after.take(shows(2, 'bytes-out'));
  expect(joined?.id).toBe(change?.id);
  const [own] = after.take(shows(3, 'bytes-out', { time: attack + 2 * dayMs }));
  expect(own).toMatchObject({ agent: 'app-3', revision: 1 });
});

test.each([
  ['what one member alone shows', 'failures', 5],
  ['what is twice as strong as in any other member', 'bytes-out', 11],
  ['a new peer', 'new-edge', 5],
  ['a broken rule', 'plaintext', 5],
])('%s is told by itself', (_, detector, score) => {
  const { correlator, change } = changed();
  correlator.take(shows(1, 'bytes-out'));
  if (detector !== 'failures') correlator.take(shows(4, detector));
  const [own] = correlator.take(shows(2, detector, { score }));
  expect(own).toMatchObject({ agent: 'app-2', revision: 1 });
  expect(own?.id).not.toBe(change?.id);
});

test('who came to run a new version when the members changed is one of them', () => {
  const { correlator, change } = changed();
  correlator.take(shows(1, 'bytes-out'));
  const release = { agent: 'app-30', from: '1', to: '2', at: attack + hourMs };
  const group = { group_members: 40 };
  const [joined] = correlator.take(shows(30, 'bytes-out', { evidence: { ...group, release } }));
  expect(joined?.id).toBe(change?.id);
  const before = { ...release, agent: 'app-31', at: attack - 3 * hourMs };
  const [own] = correlator.take(shows(31, 'bytes-out', { evidence: { ...group, release: before } }));
  expect(own).toMatchObject({ agent: 'app-31', revision: 1 });
});

test('what belongs to an alert told before stays with it', () => {
  const { correlator } = changed();
  const [own] = correlator.take(shows(2, 'new-edge', { score: 9 }));
  correlator.take(shows(1, 'bytes-out', { score: 9 }));
  const more = shows(2, 'bytes-out', { peer: 'client-2-new-edge', score: 11, time: attack + 3.2 * hourMs });
  const [revised] = correlator.take(more);
  expect(revised?.id).toBe(own?.id);
});
