import { describe, expect, test } from 'vitest';
import { rulePs } from '#shared/rule-tiers.ts';
import { detectors } from '../../services/scorer/detectors/index.ts';
import { cleanCalls, ruleCases, timeOf } from '../support/rule-cases.ts';
import { call, ruleScene } from '../support/rule-scene.ts';

const rules = detectors.filter((detector) => detector.kind === 'rule');
const ruleOf = (name: string) => {
  const found = rules.find((rule) => rule.name === name);
  if (found === undefined) throw new Error(`there is no rule ${name}`);
  return found;
};

test('every rule has a case', () => {
  const cased = new Set([...ruleCases.map((ruleCase) => ruleCase.rule), 'vulnerable-version']);
  expect(rules.map((rule) => rule.name).filter((name) => !cased.has(name))).toEqual([]);
});

describe.each(ruleCases)('$rule: $what', (ruleCase) => {
  const broken = call({ ...ruleCase.broken, time: timeOf(cleanCalls) });

  test('is told with its tier, after ten clean days without a word, also after a restart', () => {
    const scene = ruleScene(ruleOf(ruleCase.rule), ruleCase);
    const early: unknown[] = [];
    for (let i = 0; i < cleanCalls; i += 1) {
      if (i === cleanCalls / 2) scene.restart();
      early.push(...scene.feed(call({ ...ruleCase.clean(i), time: timeOf(i) })));
    }
    expect(early).toEqual([]);
    scene.restart();
    const told = scene.feed(broken);
    expect(told.length).toBeGreaterThan(0);
    for (const { lnP, sentence } of told) {
      expect(lnP).toBeCloseTo(Math.log(rulePs[ruleCase.tier]), 10);
      expect(sentence).toMatch(ruleCase.sentence);
    }
  });

  test('scoring and telling change nothing, and a restart loses nothing', () => {
    const scene = ruleScene(ruleOf(ruleCase.rule), ruleCase);
    for (let i = 0; i < 600; i += 1) scene.feed(call({ ...ruleCase.clean(i), time: timeOf(i) }));
    const before = scene.state();
    scene.restart();
    expect(scene.state()).toEqual(before);
  });
});

test.each(rules.map((rule) => rule.name))('%s says nothing of an event that tells nothing', (name) => {
  const scene = ruleScene(ruleOf(name), { agents: [{ agent: 'web' }, { agent: 'shop' }] });
  const told = Array.from({ length: 500 }, (_, i) => scene.feed(call({ time: timeOf(i) }))).flat();
  expect(told).toEqual([]);
});

test('a lasting fault is told once a day and not with every call', () => {
  const scene = ruleScene(ruleOf('tls-below-policy'), { policy: { tls: { version_min: 'TLSv1.3' } } });
  const told = Array.from({ length: 3 * 240 }, (_, i) =>
    scene.feed(call({ tls_version: 'TLSv1.2', time: timeOf(i) })),
  ).flat();
  expect(told).toHaveLength(3);
});

test('a breach that lasts is told for an hour and then once a day', () => {
  const scene = ruleScene(ruleOf('forbidden-crossing'), { policy: { zones: { default: 'denied' } } });
  const zones = { source_zone: 'web', destination_zone: 'db' };
  const told = Array.from({ length: 2 * 240 }, (_, i) =>
    scene.feed(call({ ...zones, time: timeOf(i) })).map(() => i),
  ).flat();
  expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((i) => [i, i + 240]).sort((a, b) => a - b));
});

test('a rollout that mixes old and new versions of TLS is no downgrade', () => {
  const scene = ruleScene(ruleOf('tls-downgrade'));
  const told = Array.from({ length: 600 }, (_, i) =>
    scene.feed(call({ tls_version: i < 200 || i % 3 === 0 ? 'TLSv1.2' : 'TLSv1.3', time: timeOf(i) })),
  ).flat();
  expect(told).toEqual([]);
});

test('a policy takes effect with the next event', () => {
  const scene = ruleScene(ruleOf('plaintext'));
  expect(scene.feed(call({ tls_version: 'none', time: timeOf(0) }))).toEqual([]);
  scene.decide('policy', 'policy/default', { version: 1, tls: { plaintext: 'denied' } });
  expect(scene.feed(call({ tls_version: 'none', time: timeOf(1) }))).toHaveLength(1);
});

test('a refused crossing is told with less weight than one that went through', () => {
  const policy = { zones: { default: 'denied' } };
  const zones = { source_zone: 'web', destination_zone: 'db', time: timeOf(0) };
  const lnPs = (['success', 'denied'] as const).map(
    (outcome) =>
      ruleScene(ruleOf('forbidden-crossing'), { policy }).feed(call({ ...zones, outcome }))[0]?.lnP,
  );
  expect(lnPs).toEqual([Math.log(rulePs.breach), Math.log(rulePs.warning)]);
});

test('an advisory names what is vulnerable and the first version without', () => {
  const scene = ruleScene(ruleOf('vulnerable-version'));
  const events = [{ introduced: '0' }, { fixed: '1.4.2' }];
  scene.decide('advisory', 'advisory/OSV-1', {
    id: 'OSV-1',
    affected: [{ package: { name: 'web' }, ranges: [{ type: 'SEMVER', events }] }],
  });
  expect(scene.feed(call({ source_version: '1.4.2', time: timeOf(0) }))).toEqual([]);
  const told = scene.feed(call({ source_version: '1.4.1', time: timeOf(1) }));
  expect(told[0]?.sentence).toBe(
    'web runs 1.4.1, to which OSV-1 applies; 1.4.2 is the first version without',
  );
});

test('an agent that was clean is vulnerable as soon as an advisory says so', () => {
  const scene = ruleScene(ruleOf('vulnerable-version'));
  const advise = (id: string, name: string) =>
    scene.decide('advisory', `advisory/${id}`, { id, affected: [{ package: { name }, versions: ['1.0'] }] });
  advise('OSV-1', 'other');
  expect(scene.feed(call({ source_version: '1.0', time: timeOf(0) }))).toEqual([]);
  advise('OSV-2', 'web');
  expect(scene.feed(call({ source_version: '1.0', time: timeOf(1) }))).toHaveLength(1);
});

test('a token is judged by what its own tenant saw of it', () => {
  const scene = ruleScene(ruleOf('token-shared'));
  const used = (space: string, source: string, i: number) =>
    scene.feed(call({ space, source, token_id: 't', time: timeOf(i) }));
  expect(used('one', 'web', 0)).toEqual([]);
  expect(used('two', 'cart', 1)).toEqual([]);
  expect(used('two', 'thief', 2)[0]?.sentence).toContain('with a token that cart held before');
});
