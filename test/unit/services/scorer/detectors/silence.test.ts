import { expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import type { Signal } from '#shared/signal.ts';
import { createDecisions } from '../../../../../services/scorer/decisions.ts';
import { silence } from '../../../../../services/scorer/detectors/silence.ts';
import { createEngine } from '../../../../../services/scorer/engine/engine.ts';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';
import { event } from '../../../../support/detector-stream.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const start = Date.UTC(2026, 5, 1);
const known = start + 20 * dayMs;

function heard() {
  const signals: Signal[] = [];
  const create = () =>
    createEngine({
      detectors: [silence],
      decisions: createDecisions(),
      onSignal: (one) => signals.push(one),
    });
  let engine = create();
  let n = 0;
  const say = (source: string, from: number, to: number, everyMs: number) => ({
    source,
    from,
    to,
    everyMs,
    space: 'default',
    facts: {} as Partial<AmissEvent>,
  });
  /** What each says, in order of time. */
  const play = (...lines: readonly ReturnType<typeof say>[]) => {
    const events = lines.flatMap(({ source, from, to, everyMs, space, facts }) =>
      Array.from({ length: Math.floor((to - from) / everyMs) }, (_, i) => ({
        source,
        space,
        facts,
        time: from + i * everyMs,
      })),
    );
    for (const { source, space, time, facts } of events.sort((a, b) => a.time - b.time)) {
      n += 1;
      engine.process({ ...event(time, source, 'store', n), space, ...facts }, 'both');
    }
  };
  const restart = () => {
    const bytes = encodeState(engine.save);
    engine = create();
    engine.restore(decodeState(bytes));
  };
  return { signals, say, play, restart };
}

test('an agent that spoke every five minutes is missed after ten, once', () => {
  const { signals, say, play } = heard();
  play(say('web', start, known, 5 * minuteMs), say('other', start, known + dayMs, minuteMs));
  expect(signals.map(({ agent, evidence }) => [agent, evidence[0]?.sentence])).toEqual([
    [
      'web',
      'web has called nobody for 10 minutes in which others called; its longest pause of the last weeks was 5 minutes',
    ],
  ]);
  expect(signals[0]?.p).toBeLessThan(1e-4);
});

test('nobody is missed while nobody at all is heard', () => {
  const { signals, say, play } = heard();
  play(say('web', start, known, 5 * minuteMs), say('other', start, known, 7 * minuteMs));
  play(
    say('web', known + dayMs, known + 2 * dayMs, 5 * minuteMs),
    say('other', known + dayMs, known + 2 * dayMs, 7 * minuteMs),
  );
  expect(signals).toEqual([]);
});

test('nobody is missed because another space goes on', () => {
  const { signals, say, play } = heard();
  play(
    { ...say('web', start, known, 5 * minuteMs), space: 'stopped' },
    say('other', start, known + dayMs, minuteMs),
  );
  expect(signals).toEqual([]);
});

test('who sleeps at night and at weekends is not missed then', () => {
  const { signals, say, play } = heard();
  const offices = Array.from({ length: 26 }, (_, day) => day)
    .filter((day) => day % 7 < 5)
    .map((day) =>
      say(
        'user',
        start + day * dayMs + 8 * 60 * minuteMs,
        start + day * dayMs + 17 * 60 * minuteMs,
        6 * minuteMs,
      ),
    );
  play(say('other', start, start + 26 * dayMs, 7 * minuteMs), ...offices);
  expect(signals).toEqual([]);
});

test('a newcomer is not missed: it has not shown a weekend yet', () => {
  const { signals, say, play } = heard();
  play(
    say('web', start, start + 4 * dayMs, 5 * minuteMs),
    say('other', start, start + 8 * dayMs, 7 * minuteMs),
  );
  expect(signals).toEqual([]);
});

test('a restart does not tell a silence twice, and misses none', () => {
  const { signals, say, play, restart } = heard();
  play(say('web', start, known, 5 * minuteMs), say('other', start, known, 7 * minuteMs));
  restart();
  play(say('other', known, known + dayMs, 7 * minuteMs));
  restart();
  play(say('other', known + dayMs, known + 2 * dayMs, 7 * minuteMs));
  expect(signals.map(({ agent }) => agent)).toEqual(['web']);
});

const sentencesOf = (signals: readonly Signal[]) => signals.map(({ evidence }) => evidence[0]?.sentence);

test('a shipper that stops is one finding, and its agents are none', () => {
  const { signals, say, play } = heard();
  const shipped = ['web', 'cart', 'mail'].map((source, i) => ({
    ...say(source, start + i * minuteMs, known, 5 * minuteMs),
    facts: { shipper: 'edge-1', observer: 'proxy' },
  }));
  const other = { ...say('other', start, known + dayMs, minuteMs), facts: { shipper: 'edge-2' } };
  play(...shipped, other);
  expect(sentencesOf(signals)).toEqual([
    'nothing has come through shipper edge-1 for 6 minutes in which others called; its longest pause of the last weeks was 3 minutes',
    'nothing has come through observer proxy for 6 minutes in which others called; its longest pause of the last weeks was 3 minutes',
  ]);
});

test('one agent of a shipper that stops is missed as itself', () => {
  const { signals, say, play } = heard();
  const facts = { shipper: 'edge-1' };
  play(
    { ...say('web', start, known, 5 * minuteMs), facts },
    { ...say('cart', start, known + dayMs, 5 * minuteMs), facts },
    { ...say('mail', start + minuteMs, known + dayMs, minuteMs), facts },
  );
  expect(signals.map(({ agent }) => agent)).toEqual(['web']);
});

test('a whole group that stops at once is one finding', () => {
  const { signals, say, play } = heard();
  const devices = Array.from({ length: 12 }, (_, i) => ({
    ...say(`sensor-${i}`, start + i * minuteMs, known, 15 * minuteMs),
    facts: { source_kind: 'device' as const },
  }));
  play(...devices, say('other', start, known + dayMs, minuteMs));
  expect(sentencesOf(signals)).toEqual([
    expect.stringMatching(
      /^none of 12 agents like sensor-\d+ has called anybody for \d+ minutes in which others called/,
    ),
  ]);
});
