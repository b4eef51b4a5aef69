import { Check } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { attacks } from '../../../../services/simulator/attacks/index.ts';
import { attackNames, type SimulateOptions, simulate } from '../../../../services/simulator/simulate.ts';
import { eventSchema } from '../../../../shared/event.ts';

const quiet: SimulateOptions = { agents: 40, days: 2, seed: 11, attacks: [] };
const linesOf = (options: SimulateOptions) =>
  [...simulate(options).events].map(({ event, instance }) => `${instance} ${JSON.stringify(event)}`);

describe('a quiet network', () => {
  const events = [...simulate(quiet).events];

  test('makes about as many calls as asked for', () => {
    const wanted = 40 * 2 * 120;
    expect(events.length).toBeGreaterThan(wanted * 0.6);
    expect(events.length).toBeLessThan(wanted * 1.5);
  });

  test('makes valid events', () => {
    const ids = { id: 'x', received_at: 0, space: 'default' };
    const invalid = events.filter(({ event }) => !Check(eventSchema, { ...ids, ...event }));
    expect(invalid).toEqual([]);
  });

  test('holds nothing hostile, and tells nobody so in the event', () => {
    expect(events.every(({ instance }) => instance === 0)).toBe(true);
    expect(JSON.stringify(events[0]?.event)).not.toMatch(/attack|instance|label/);
  });

  test('has clocks that are not quite right', () => {
    const backward = events.filter(({ event }, i) => event.time < (events[i - 1]?.event.time ?? 0));
    expect(backward.length).toBeGreaterThan(0);
    const furthestMs = Math.max(
      ...backward.map(({ event }) => {
        const before = events[events.findIndex((other) => other.event === event) - 1]?.event.time ?? 0;
        return before - event.time;
      }),
    );
    expect(furthestMs).toBeLessThan(10_000);
  });

  test('is busier in office hours than at night where people work', () => {
    const ofPeople = events.filter(({ event }) => event.source_kind === 'human');
    const atNight = ofPeople.filter(({ event }) => new Date(event.time).getUTCHours() < 5);
    expect(atNight.length * 5).toBeLessThan(ofPeople.length);
  });

  test('shows no token before it is issued or after it has expired', () => {
    const tolerance = 10_000; // clocks
    const wrong = events.filter(
      ({ event }) =>
        event.time + tolerance < (event.token_issued_at ?? 0) ||
        event.time - tolerance > (event.token_expires_at ?? Number.POSITIVE_INFINITY),
    );
    expect(wrong).toEqual([]);
  });
});

test('the same seed gives the same events, another seed others', () => {
  const first = linesOf(quiet);
  expect(linesOf(quiet)).toEqual(first);
  expect(linesOf({ ...quiet, seed: 12 })).not.toEqual(first);
});

test('an attack leaves the ordinary traffic as it was', () => {
  const ordinary = linesOf(quiet);
  const withScan = linesOf({ ...quiet, attacks: ['scan'] });
  expect(withScan.filter((line) => line.startsWith('0 '))).toEqual(ordinary);
  expect(withScan.length).toBeGreaterThan(ordinary.length);
});

describe.each(attacks)('$name', ({ name, techniques }) => {
  const simulation = simulate({ agents: 60, days: 4, seed: 5, attacks: [name], start: Date.UTC(2026, 0, 5) });
  const instance = simulation.instances[0];
  const labelled = [...simulation.events].filter((event) => event.instance === 1);

  test('begins after the quiet and is labelled with when and whom', () => {
    expect(instance).toMatchObject({ instance: 1, attack: name });
    expect(instance?.from).toBeGreaterThanOrEqual(Date.UTC(2026, 0, 7));
    expect(instance?.agents.length).toBeGreaterThan(0);
  });

  test('shows in the events, unless it is their absence', () => {
    expect(labelled.length > 0).toBe(name !== 'log-tampering');
    const early = labelled.filter(({ event }) => event.time < (instance?.from ?? 0) - 10_000);
    expect(early).toEqual([]);
  });

  test('concerns the agents that it names', () => {
    const named = new Set(instance?.agents);
    const foreign = labelled.filter(({ event }) => !named.has(event.source) && !named.has(event.destination));
    expect(foreign).toEqual([]);
  });

  test('names its techniques as ATT&CK and ATLAS do', () => {
    for (const { framework, id } of techniques) {
      expect(id).toMatch(framework === 'ATLAS' ? /^AML\.T\d{4}(\.\d{3})?$/ : /^T\d{4}(\.\d{3})?$/);
    }
  });
});

test('the silence of a tampered log is a real one', () => {
  const simulation = simulate({ agents: 60, days: 4, seed: 5, attacks: ['log-tampering'] });
  const { agents = [], from = 0, to = 0 } = simulation.instances[0] ?? {};
  const heard = [...simulation.events].filter(({ event }) => event.source === agents[0]);
  expect(heard.some(({ event }) => event.time < from)).toBe(true);
  expect(heard.some(({ event }) => event.time > from + 5000 && event.time < to - 5000)).toBe(false);
});

test('refuses an unknown attack and says which there are', () => {
  expect(() => simulate({ ...quiet, attacks: ['flood'] })).toThrow(`known: ${attackNames.join(', ')}`);
  expect(() => simulate({ ...quiet, agents: 3 })).toThrow('at least 20 agents');
});

test('a busier time has more calls of those who do not go by a clock', () => {
  const turn = Date.UTC(2026, 0, 6);
  const counts: number[] = [];
  const load = (time: number) => (time < turn ? 1 : 3);
  for (const { event } of simulate({ ...quiet, load }).events) {
    if (event.source_kind === 'external') counts.push(event.time);
  }
  const before = counts.filter((time) => time < turn).length;
  expect(counts.length - before).toBeGreaterThan(2 * before);
});

describe('a network whose agents are replaced', () => {
  const renewed = simulate({ ...quiet, days: 4, renewedADay: 0.2 });
  const events = [...renewed.events];
  const day = (n: number) => events.filter(({ event }) => dayOf(event.time) === n);
  const dayOf = (time: number) => Math.floor((time + 3000 - Date.UTC(2026, 0, 5)) / 86_400_000);
  const names = (n: number) => new Set(day(n).map(({ event }) => event.source));

  test('has newcomers every day, and each of them calls under an identity of its own', () => {
    expect([...names(0)].filter((name) => name.includes('.') && !name.endsWith('.example'))).toEqual([]);
    const known = names(1);
    const newcomers = [...names(2)].filter((name) => !known.has(name));
    expect(newcomers.length).toBeGreaterThan(2);
    const foreign = events.filter(
      ({ event }) => event.source_kind !== 'external' && !event.auth_subject?.endsWith(event.source),
    );
    expect(foreign).toEqual([]);
  });

  test('declares those who will come', () => {
    const agents = renewed.decisions.filter(({ kind }) => kind === 'agent').map(({ key }) => key);
    expect(agents).toContain('agent/app-1');
    expect(agents).toContain('agent/app-1.*');
  });
});
