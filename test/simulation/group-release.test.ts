import { expect, test } from 'vitest';
import type { Alert } from '#shared/alert.ts';
import type { AmissEvent } from '#shared/event.ts';
import { createCorrelator } from '../../services/scorer/correlation/correlator.ts';
import { createDecisions } from '../../services/scorer/decisions.ts';
import { detectors } from '../../services/scorer/detectors/index.ts';
import { createEngine } from '../../services/scorer/engine/engine.ts';
import { logNormal } from '../../services/simulator/draws.ts';
import { seededRandom } from '../../shared/random.ts';
import { event, streamStart } from '../support/detector-stream.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const services = 40;
const released = 16; // two fifths of them
const release = streamStart + 2 * 24 * hourMs + 10 * hourMs;
const end = release + 2 * hourMs;

/** Each service asks its own store every five minutes or so; those with the release take four times as long from then on. */
function* network(seed: number): Generator<AmissEvent> {
  const random = seededRandom(seed);
  let n = 0;
  for (let time = streamStart; time < end; time += 5 * minuteMs) {
    for (let service = 0; service < services; service += 1) {
      const at = time + Math.floor(random.next() * minuteMs) + service * 1000;
      // It is rolled out over a quarter of an hour.
      const isNew = service < released && at >= release + service * minuteMs;
      n += 1;
      yield {
        ...event(at, `app-${service}`, `store-${service}`, n),
        destination_kind: 'device',
        action: 'select',
        outcome: 'success',
        duration_ms: logNormal(random, isNew ? 120 : 30, 0.2),
      };
    }
  }
}

/** The newest revision of each alert first told since shortly before the release: its first member may have been noise. */
function alertsOf(stream: Iterable<AmissEvent>): readonly Alert[] {
  const correlator = createCorrelator({ alertsPerDay: 10, detectors, learnUntil: release - 12 * hourMs });
  const told = new Map<string, Alert>();
  const engine = createEngine({
    detectors,
    decisions: createDecisions(),
    alertsPerDay: 10,
    onSignal: (signal) => {
      for (const alert of correlator.take(signal)) told.set(alert.id, alert);
    },
  });
  for (const one of stream) engine.process(one, 'both');
  return [...told.values()].filter(({ time }) => time >= release - 10 * minuteMs);
}

const ofRelease = ({ detectors: by }: Alert) => by.includes('latency');

test('a release on two fifths of a group is one open alert about the group', () => {
  const alerts = alertsOf(network(7)).filter(ofRelease);
  const open = alerts.filter(({ status }) => status === 'new');
  expect(open.map(({ title }) => title)).toEqual([
    expect.stringMatching(/^[12]\d of 40 in group \w+: slower/),
  ]);
  expect(alerts.every(({ status, id }) => status === 'archived' || id === open[0]?.id)).toBe(true);
});

test('an attack by one of its members at the same time has an alert of its own', () => {
  function* attacked(): Generator<AmissEvent> {
    let isDue = true;
    for (const one of network(7)) {
      if (isDue && one.time >= release + 30 * minuteMs) {
        isDue = false;
        const call = event(one.time, 'app-3', 'drop.example', 1_000_000);
        yield { ...call, destination_kind: 'external', action: 'PUT /upload', bytes_out: 9e8 };
      }
      yield one;
    }
  }
  const about = alertsOf(attacked()).filter(({ events }) => events.includes('event-1000000'));
  expect(about).toHaveLength(1);
  expect(about[0]).toMatchObject({
    agent: 'app-3',
    peers: expect.arrayContaining(['drop.example']),
    status: 'new',
  });
});
