import { expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { detectors } from '../../services/scorer/detectors/index.ts';
import { type AttackInstance, type Simulation, simulate } from '../../services/simulator/simulate.ts';
import { ruleAttacks } from '../support/rule-attacks.ts';
import { ruleScene } from '../support/rule-scene.ts';

// The rules alone, on the simulated network, with the policy that its owner would write.
const rules = detectors.filter((detector) => detector.kind === 'rule');

function policyOf({ decisions }: Simulation): { readonly policy: object } {
  const body = decisions.find(({ kind }) => kind === 'policy')?.body;
  if (typeof body !== 'object' || body === null) throw new Error('the simulated network has no policy');
  return { policy: body };
}

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
  ['without a policy', () => ({})],
  ['with a policy', policyOf],
])('a clean month %s has no finding', (_, wishesOf) => {
  const simulation = simulate({ agents: 60, days: 30, seed: 11, attacks: [] });
  const scene = ruleScene(rules, wishesOf(simulation));
  const told: unknown[] = [];
  for (const { event } of stored(simulation.events)) {
    for (const finding of scene.feed(event))
      if (told.length < 20) told.push([finding.rule, finding.sentence]);
  }
  expect(told).toEqual([]);
});

test.each([
  ['without a policy', () => ({})],
  ['with a policy', policyOf],
])('every attack that a rule is about is found %s', (_, wishesOf) => {
  const found = new Map<number, Set<string>>();
  const simulation = simulate({ agents: 60, days: 12, seed: 12, attacks: ruleAttacks, times: 5 });
  const scene = ruleScene(rules, wishesOf(simulation));
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
