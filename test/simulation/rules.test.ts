import { expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { detectors } from '../../services/scorer/detectors/index.ts';
import { type AttackInstance, simulate } from '../../services/simulator/simulate.ts';
import { ruleScene } from '../support/rule-scene.ts';

// The rules alone, on the simulated network, with the policy that its owner would write.
const rules = detectors.filter((detector) => detector.kind === 'rule');
const policy = {
  zones: {
    default: 'denied',
    rules: [
      ['office', 'dmz'],
      ['internet', 'dmz'],
      ['devices', 'dmz'],
      ['dmz', 'app'],
      ['app', 'data'],
    ].map(([from, to]) => ({ from: [from], to: [to], verdict: 'allowed' })),
  },
  identity: { anonymous: 'denied', mfa_kinds: ['human'] },
  tokens: { life_minutes_max: 120, issuers: ['https://id.corp.example'], algorithms: ['RS256'] },
  tls: { plaintext: 'denied', version_min: 'TLSv1.2' },
};
const barred = [
  'token-replay',
  'scope-growth',
  'tls-downgrade',
  'zone-crossing',
  'shadow-agent',
  'tool-change',
];

function* stored(
  events: Iterable<{ event: Omit<AmissEvent, 'id' | 'received_at' | 'space'>; instance: number }>,
) {
  let n = 0;
  for (const { event, instance } of events) {
    n += 1;
    yield { event: { ...event, id: `e${n}`, received_at: event.time, space: 'default' }, instance };
  }
}

test.each([
  ['without a policy', {}],
  ['with a policy', { policy }],
])('a clean month %s has no finding', (_, wishes) => {
  const scene = ruleScene(rules, wishes);
  const { events } = simulate({ agents: 60, days: 30, seed: 11, attacks: [] });
  const told: unknown[] = [];
  for (const { event } of stored(events)) {
    for (const finding of scene.feed(event))
      if (told.length < 20) told.push([finding.rule, finding.sentence]);
  }
  expect(told).toEqual([]);
});

test.each([
  ['without a policy', {}],
  ['with a policy', { policy }],
])('every attack that a rule is about is found %s', (_, wishes) => {
  const found = new Map<number, Set<string>>();
  const simulation = simulate({ agents: 60, days: 12, seed: 12, attacks: barred, times: 5 });
  const scene = ruleScene(rules, wishes);
  const declared = new Set<string>();
  const quietUntil = Math.min(...simulation.instances.map(({ from }) => from));
  for (const { event, instance } of stored(simulation.events)) {
    // The owner declares whom the quiet time shows.
    for (const agent of [event.source, event.destination]) {
      if (event.time < quietUntil && !declared.has(agent)) {
        declared.add(agent);
        scene.decide('agent', `agent/${agent}`, { agent, origin: 'declared' });
      }
    }
    for (const { rule } of scene.feed(event))
      if (instance > 0) found.set(instance, (found.get(instance) ?? new Set()).add(rule));
  }
  const missed = simulation.instances.filter(({ instance }: AttackInstance) => !found.has(instance));
  expect(missed.map(({ attack, instance }) => `${attack} ${instance}`)).toEqual([]);
});
