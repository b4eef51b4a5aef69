import { expect, test } from 'vitest';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';
import { attack, dayMs, hourMs, minuteMs, settled, signal } from '../../../../support/signals.ts';

test('a flood from many forged callers is one case from the third caller on, after a restart too', () => {
  let correlator = settled();
  const told = Array.from({ length: 200 }, (_, i) => {
    if (i === 100) {
      const restarted = settled();
      restarted.restore(decodeState(encodeState(correlator.save)));
      correlator = restarted;
    }
    return correlator.take(
      signal({ agent: `forged-${i}`, peer: 'victim', time: attack + i * 100, score: 12 }),
    );
  });
  expect(new Set(told.flat().map(({ id }) => id)).size).toBeLessThanOrEqual(2);
});

/** What a signal some time after the first is told as. */
function again(first: Parameters<typeof signal>[0], later: Parameters<typeof signal>[0]) {
  const correlator = settled();
  const [alert] = correlator.take(signal(first));
  const [next] = correlator.take(signal(later));
  return { first: alert?.id, later: next?.id, revision: next?.revision };
}
const beacon = { agent: 'web', peer: 'evil.example', time: attack, score: 12 } as const;

test('what comes again on the same edge within a day updates its alert, whichever of its detectors leads', () => {
  const found = again(
    { ...beacon, detectors: ['new-edge', 'rare-action'] },
    { ...beacon, time: attack + 20 * hourMs, score: 6, detectors: ['beacon', 'rare-action'] },
  );
  expect(found).toEqual({ first: found.first, later: found.first, revision: 2 });
});

test.each([
  { of: 'ten times less likely', later: { score: 13.2 }, isNews: true },
  { of: 'hardly less likely', later: { score: 12.8 }, isNews: false },
  { of: 'no more than lasting', later: { score: 20, detectors: ['weak-evidence', 'volume'] }, isNews: false },
])(
  'what is $of than an alert of an hour ago, on the same edge, is told anew: $isNews',
  ({ later, isNews }) => {
    const found = again(beacon, { ...beacon, time: attack + hourMs, ...later });
    expect(found.later !== found.first).toBe(isNews);
  },
);

test('what grows far less likely within half an hour stays one alert, revised', () => {
  const found = again(beacon, { ...beacon, time: attack + 20 * minuteMs, score: 40 });
  expect(found).toEqual({ first: found.first, later: found.first, revision: 2 });
});

test('a flood upon an agent that was told of before is one new alert', () => {
  const correlator = settled();
  const callers = (from: number, time: number, score: number) =>
    Array.from({ length: 20 }, (_, i) =>
      correlator.take(signal({ agent: `forged-${from + i}`, peer: 'victim', time: time + i * 100, score })),
    ).flat();
  const known = new Set(callers(0, attack, 8).map(({ id }) => id));
  // The first crowd goes on, weakly, so that it is still open when the flood comes.
  for (let passed = 5; passed < 60; passed += 5) callers(0, attack + passed * minuteMs, 7);
  const flood = new Set(callers(100, attack + 60 * minuteMs, 20).map(({ id }) => id));
  expect([...flood].filter((id) => !known.has(id))).toHaveLength(1);
});

test.each([
  { first: 'slow-ramp', peer: null, later: 'volume', where: 'bank.example' },
  { first: 'volume', peer: 'bank.example', later: 'slow-ramp', where: null },
])(
  'an agent that does more from day to day is told once: $first, then $later',
  ({ first, peer, later, where }) => {
    const busy = { agent: 'clerk', time: attack, score: 12 } as const;
    const found = again(
      { ...busy, peer, detectors: [first] },
      { ...busy, peer: where, time: attack + 10 * hourMs, detectors: [later] },
    );
    expect(found).toEqual({ first: found.first, later: found.first, revision: 2 });
  },
);

test('a ramp that goes on is the same alert, however unlikely its sum becomes', () => {
  const ramp = { agent: 'clerk', peer: null, time: attack, score: 5, detectors: ['slow-ramp'] } as const;
  const found = again({ ...ramp, score: 12 }, { ...ramp, time: attack + 23 * hourMs, score: 16 });
  expect(found).toEqual({ first: found.first, later: found.first, revision: 2 });
});

test('what comes again after more than a day is told anew', () => {
  const found = again(beacon, { ...beacon, time: attack + dayMs + minuteMs });
  expect(found.revision).toBe(1);
  expect(found.later).not.toBe(found.first);
});

test('what comes again every day for a week is told anew then', () => {
  const correlator = settled();
  const told = Array.from({ length: 10 }, (_, day) =>
    correlator.take(signal({ ...beacon, time: attack + day * 23 * hourMs })),
  );
  expect(new Set(told.flat().map(({ id }) => id)).size).toBe(2);
});

test.each([
  { of: 'another detector', later: { detectors: ['bytes-out'] } },
  { of: 'another edge', later: { peer: 'bank.example' } },
  { of: 'the other direction', later: { agent: 'evil.example', peer: 'web' } },
])('a new attack an hour later, of $of, is a new alert', ({ later }) => {
  const found = again(beacon, { ...beacon, time: attack + hourMs, score: 14, ...later });
  expect(found.revision).toBe(1);
  expect(found.later).not.toBe(found.first);
});

test('a broken rule is the same for a day, whoever is at the other end', () => {
  const change = { agent: 'tools', time: attack, score: 9, detectors: ['tool-change'] } as const;
  const cause = 'tool-change/destination/tools';
  const found = again(
    { ...change, cause, peer: 'assistant-1' },
    { ...change, cause, peer: 'assistant-2', time: attack + 3 * hourMs },
  );
  expect(found).toEqual({ first: found.first, later: found.first, revision: 2 });
});

test('an agent that is silent is told once, however often it is missed', () => {
  const silent = {
    agent: 'web',
    peer: null,
    cause: 'silence/web',
    detectors: ['silence'],
    score: 9,
  } as const;
  const found = again({ ...silent, time: attack }, { ...silent, time: attack + 5 * hourMs });
  expect(found).toEqual({ first: found.first, later: found.first, revision: 2 });
});

test('tells a walk over several hops as one alert, and others as their own', () => {
  const correlator = settled();
  const walk = (agent: string, peer: string, path: string, minutes: number) =>
    correlator.take(
      signal({
        agent,
        peer,
        time: attack + minutes * minuteMs,
        score: 10 + minutes,
        detectors: ['lateral-chain'],
        evidence: { subject: path },
      }),
    )[0];
  const first = walk('front', 'app', 'user → front → app', 1);
  const second = walk('app', 'store', 'user → front → app → store', 8);
  expect(second).toMatchObject({ id: first?.id, revision: 2, agent: 'front' });
  expect(walk('other', 'store', 'outsider → other → store', 9)?.id).not.toBe(first?.id);
});

const step = { agent: 'user', peer: 'front', time: attack, score: 10, detectors: ['rare-action'] } as const;
const next = { agent: 'front', peer: 'app', detectors: ['new-edge'], score: 14 } as const;

test('what an agent does that was just reached by an intruder is the same case', () => {
  const found = again(step, { ...next, time: attack + 5 * minuteMs });
  expect(found).toEqual({ first: found.first, later: found.first, revision: 2 });
});

test.each([
  { of: 'later than half an hour', later: { time: attack + 40 * minuteMs } },
  { of: 'that is no step', later: { time: attack + minuteMs, detectors: ['volume'] } },
  { of: 'by somebody else', later: { time: attack + minuteMs, agent: 'other' } },
])('what follows $of is a case of its own', ({ later }) => {
  const found = again(step, { ...next, ...later });
  expect(found.revision).toBe(1);
  expect(found.later).not.toBe(found.first);
});

test('what the owner of a stolen token does meanwhile belongs to the theft', () => {
  const found = again(
    {
      agent: 'thief',
      peer: 'front',
      time: attack,
      score: 9,
      detectors: ['token-shared'],
      evidence: { subject: 'owner' },
    },
    { agent: 'owner', peer: 'shop', time: attack + 10 * minuteMs, score: 12 },
  );
  expect(found).toEqual({ first: found.first, later: found.first, revision: 2 });
});
