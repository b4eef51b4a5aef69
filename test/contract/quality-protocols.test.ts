import { describe, expect, test } from 'vitest';
import { batchesOf, type Run } from '../bench/quality/agentdojo.ts';
import { argumentResources } from '../bench/quality/argument-resources.ts';
import { type DarpaRows, darpaLearnUntil } from '../bench/quality/darpa98.ts';
import { episodesOf, foundByAlerts, foundByScores } from '../bench/quality/darpa98-episodes.ts';
import { spreadOf } from '../bench/quality/spread.ts';
import { type Call, type Fault, placeByAlerts, placeByScores } from '../bench/quality/trainticket.ts';
import { atLeast, plain, tableOf, within } from '../bench/report.ts';

// The quality benchmark is only as good as its protocols: here on data that one can follow by hand.
const minuteMs = 60_000;

describe('darpa98', () => {
  // Two attacks by agent 0 on agent 1, two hours apart; agent 2 calls agent 3 every ten minutes.
  const minutes = [0, 10, 20, 20, 30, 140, 150];
  const hostile = [0, 1, 1, 0, 0, 1, 0];
  const rows: DarpaRows = {
    count: minutes.length,
    times: Float64Array.from(minutes, (minute) => darpaLearnUntil + minute * minuteMs),
    sources: Int32Array.from(hostile, (label) => (label === 1 ? 0 : 2)),
    destinations: Int32Array.from(hostile, (label) => (label === 1 ? 1 : 3)),
    agents: ['attacker', 'victim', 'clerk', 'printer'],
    labels: Uint8Array.from(hostile),
    attacks: ['-', 'guest'],
  };
  const episodes = episodesOf(rows);
  const at = (minute: number, agent: string) => ({ agent, time: darpaLearnUntil + minute * minuteMs });

  test('rows of one name within an hour are one episode', () => {
    expect(episodes.map((episode) => episode.rows)).toEqual([[1, 2], [5]]);
  });

  test('an alert finds an episode from its first row to ten minutes after its last, about a party', () => {
    const found = (minute: number, agent: string) =>
      foundByAlerts(rows, episodes, [at(minute, agent)]).length;
    expect([found(9, 'victim'), found(10, 'victim'), found(30, 'attacker'), found(31, 'victim')]).toEqual([
      0, 1, 1, 0,
    ]);
    expect(found(15, 'clerk')).toBe(0);
  });

  test('a constant threshold is the lowest that the budget bears', () => {
    const scores = Float64Array.of(1, 5, 9, 1, 1, 7, 1);
    const ofBudget = (alertsADay: number) => foundByScores(rows, episodes, scores, alertsADay).length;
    const days = 150 / (24 * 60);
    expect([ofBudget(0.5 / days), ofBudget(1 / days), ofBudget(2 / days)]).toEqual([0, 1, 2]);
  });
});

describe('trainticket', () => {
  const fault: Fault = { id: 'tt01', injectedAt: 100_000, pod: 'b', type: 'return', capturedUntil: 200_000 };
  const call = (time: number, source: string, destination: string): Call => ({
    time,
    source,
    destination,
    action: '/',
    durationMs: 1,
    trace: 't',
    fault: 'tt01',
  });
  const calls = [
    call(50_000, 'a', 'b'),
    call(50_000, 'client', 'c'),
    call(100_500, 'client', 'c'), // within the second that is left out
    call(150_000, 'a', 'b'),
    call(150_000, 'client', 'c'),
  ];

  test('the pod whose mean score rose most is first; a tie counts against the faulty one', () => {
    expect(placeByScores(fault, calls, Float64Array.of(0, 0, 99, 5, 1))).toBe(2); // a rose as much as b
    expect(placeByScores({ ...fault, pod: 'c' }, calls, Float64Array.of(0, 0, 0, 1, 5))).toBe(1);
  });

  test('a pod without an alert in time has no place', () => {
    const alert = { agent: 'b', time: 150_000, score: 3 };
    expect(placeByAlerts(fault, [alert, { ...alert, agent: 'a', score: 4 }])).toBe(2);
    expect(placeByAlerts(fault, [{ ...alert, time: 99_999 }])).toBe(Number.POSITIVE_INFINITY);
    expect(placeByAlerts(fault, [{ ...alert, time: 260_001 }])).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('agentdojo', () => {
  const run = (fold: number, suite: string, kind: Run['kind']): Run => ({
    agent: `model@${suite}`,
    suite,
    task: `user_task_${fold}`,
    fold,
    kind,
    calls: [
      { tool: `${kind}-${fold}`, args: { to: 'x@y.example' }, in_bytes: 1, out_bytes: null, status: 'ok' },
    ],
  });
  const runs = [0, 1, 2, 3, 4].flatMap((fold) =>
    ['banking', 'slack'].flatMap((suite) => [
      run(fold, suite, 'benign'),
      run(fold, suite, 'hijacked'),
      run(fold, suite, 'hijacked'),
      run(fold, suite, 'resisted'),
    ]),
  );
  const batches = [...batchesOf(runs, 1)];

  test('what is tested was not learned, and what resisted is neither', () => {
    for (const { events, learnUntil, tested } of batches) {
      const learned = events.filter(({ time }) => Number(time) < learnUntil).map(({ action }) => action);
      const folds = new Set(tested.map(({ run: { fold } }) => fold));
      expect(folds.size).toBe(1);
      expect(learned).toHaveLength(8);
      expect(learned.every((action) => /benign/.test(String(action)))).toBe(true);
      expect(learned).not.toContain(`tools/call:benign-${[...folds][0]}`);
    }
  });

  test('a batch tests one agent, or at most one hijacked run a suite', () => {
    for (const { tested } of batches) {
      const kinds = new Set(tested.map(({ run: { kind } }) => kind));
      expect(kinds.size).toBe(1);
      const suites = tested.map(({ run: { suite } }) => suite);
      if (kinds.has('hijacked')) expect(new Set(suites).size).toBe(suites.length);
    }
    expect(batches.flatMap(({ tested }) => tested)).toHaveLength(30);
  });

  test('absent sizes stay absent, and an event does not tell its label', () => {
    const event = batches[0]?.events[0];
    expect(event).toMatchObject({ bytes_out: 1, resources: ['x@y.example'] });
    expect(event).not.toHaveProperty('bytes_in');
    expect(JSON.stringify({ ...event, action: '' })).not.toMatch(/benign|hijacked/);
  });

  test('targets are found in arguments of any depth', () => {
    const found = argumentResources({
      recipients: ['Bob@Example.com'],
      body: 'see https://www.example.org/x and pay GB29NWBK60161331926819',
      user: 'Alice',
    });
    expect(found).toEqual(['bob@example.com', 'GB29NWBK60161331926819', 'example.org', 'alice']);
  });
});

test('a row says whether its bar is met, and the table shows it', () => {
  const rows = [atLeast('recall', 0.5, '', 0.9, 'other 0.4'), plain('calls', 7, 'a day')];
  expect(rows[0]).toMatchObject({ bar: '>= 0.9', met: false });
  expect(within('share', 0.5, '', [0.5, 1.5])).toMatchObject({ bar: '0.5 to 1.5', met: true });
  expect(tableOf(rows)).toMatch(/recall +0\.5 +>= 0\.9 +NO +other 0\.4\ncalls +7 +a day\n/);
});

describe('spread', () => {
  const random = { next: () => 0.99 };
  const items = [1, 2, 3, 30].map((value) => ({ value, member: value < 10 ? 'few' : 'many' }));
  const sumOf = (drawn: readonly (typeof items)[number][]) =>
    drawn.reduce((sum, { value }) => sum + value, 0);

  test('a member is drawn with all that belongs to it', () => {
    expect(spreadOf(items, ({ member }) => member, sumOf, random)).toEqual({ low: 60, high: 60 });
  });
});
