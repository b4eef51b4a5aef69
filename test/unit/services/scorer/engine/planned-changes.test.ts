import { expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import type { PlannedChange } from '#shared/planned-change.ts';
import type { Signal } from '#shared/signal.ts';
import { createDecisions } from '../../../../../services/scorer/decisions.ts';
import { volume } from '../../../../../services/scorer/detectors/volume.ts';
import { createEngine } from '../../../../../services/scorer/engine/engine.ts';
import { event, quietNetwork } from '../../../../support/detector-stream.ts';

const minuteMs = 60_000;
const quiet = [...quietNetwork(20_000, 23)];
const end = Math.ceil((quiet.at(-1)?.time ?? 0) / minuteMs) * minuteMs + minuteMs;
const changeMinutes = 30;

/** So many minutes of a call rate that is twenty times what service-1 ever had. */
function* flood(start: number, minutes: number): Generator<AmissEvent> {
  for (let minute = 0; minute < minutes; minute += 1) {
    for (let n = 0; n < 200; n += 1) {
      yield event(start + minute * minuteMs + n * 100, 'service-1', 'service-2', minute * 1000 + n);
    }
  }
}

function scene() {
  const signals: Signal[] = [];
  let heldBack = 0;
  const decisions = createDecisions();
  const engine = createEngine({
    detectors: [volume],
    decisions,
    onSignal: (signal) => signals.push(signal),
    onHeldBack: () => {
      heldBack += 1;
    },
  });
  for (const one of quiet) engine.process(one, 'both');
  signals.length = 0;
  return {
    signals,
    heldBack: () => heldBack,
    decide: (body: PlannedChange | null, space = 'default') =>
      decisions.apply('planned_change/release', {
        id: 'd',
        key: 'planned_change/release',
        kind: 'planned_change',
        time: end,
        space,
        by: 'ann',
        reason: 'load test',
        body,
      }),
    run: (events: Iterable<AmissEvent>) => {
      let least = 0;
      for (const one of events) least = Math.min(least, engine.process(one, 'both').lnP);
      return least;
    },
  };
}
const during = { from: end, to: end + changeMinutes * minuteMs };

test('a flood that nobody announced is told', () => {
  const { signals, heldBack, run } = scene();
  run(flood(end, 2));
  expect(signals.length).toBeGreaterThan(0);
  expect(heldBack()).toBe(0);
});

test.each([
  { of: 'its agent', body: { agent: 'service-1', ...during } },
  { of: 'the other end', body: { agent: 'service-2', ...during } },
  { of: 'its group', body: { group: 'service', ...during, mode: 'suppress' as const } },
])('a planned change of $of holds its signals back, and counts them', ({ body }) => {
  const { signals, heldBack, run, decide } = scene();
  decide(body);
  run(flood(end, 2));
  expect(signals).toEqual([]);
  expect(heldBack()).toBeGreaterThan(0);
});

test.each([
  { of: 'another agent', body: { agent: 'service-9', ...during }, space: 'default' },
  { of: 'another space', body: { agent: 'service-1', ...during }, space: 'other' },
  { of: 'an hour ago', body: { agent: 'service-1', from: end - 60 * minuteMs, to: end }, space: 'default' },
  { of: 'nobody', body: { ...during }, space: 'default' },
])('a planned change of $of holds nothing back', ({ body, space }) => {
  const { signals, heldBack, run, decide } = scene();
  decide(body, space);
  run(flood(end, 2));
  expect(signals.length).toBeGreaterThan(0);
  expect(heldBack()).toBe(0);
});

/** The flood, to an agent outside. */
function* leak(start: number): Generator<AmissEvent> {
  for (const one of flood(start, 2)) {
    yield { ...one, destination: 'drop.example', destination_kind: 'external' };
  }
}

test.each([
  { of: 'whom nobody had met before', peers: undefined, before: false, isTold: true },
  { of: 'who is named', peers: ['drop.example'], before: false, isTold: false },
  { of: 'where others are named', peers: ['mail.example'], before: false, isTold: true },
  { of: 'who was known before', peers: undefined, before: true, isTold: false },
])('a flood to an agent outside $of, in a planned change, is told: $isTold', ({ peers, before, isTold }) => {
  const { signals, run, decide } = scene();
  if (before) run([...leak(end - minuteMs)].slice(0, 1));
  decide({ agent: 'service-1', ...during, ...(peers === undefined ? {} : { peers }) });
  run(leak(end));
  expect(signals.some(({ agent }) => agent === 'service-1')).toBe(isTold);
});

test('a change that is taken back holds nothing back from the next event on', () => {
  const { signals, run, decide } = scene();
  decide({ agent: 'service-1', ...during });
  run(flood(end, 2));
  expect(signals).toEqual([]);
  decide(null);
  run(flood(end + 10 * minuteMs, 2));
  expect(signals.length).toBeGreaterThan(0);
});

test('what is relearned is usual afterwards, what is suppressed is as unusual as before', () => {
  const after = (mode: 'suppress' | 'relearn') => {
    const { run, decide } = scene();
    decide({ agent: 'service-1', ...during, mode });
    run(flood(end, changeMinutes));
    return run(flood(during.to + minuteMs, 2));
  };
  expect(after('relearn')).toBeGreaterThan(Math.log(1e-3));
  expect(after('suppress')).toBeLessThan(Math.log(1e-4));
});
