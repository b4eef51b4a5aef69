import { expect, test } from 'vitest';
import type { Decision } from '#shared/decision.ts';
import { declarationKey, parseDeclaration } from '#shared/registry/declaration.ts';
import { createRegistry, registryLimits } from '#shared/registry/registry.ts';

function declaring(body: Record<string, unknown>, space = 'default'): readonly [string, Decision] {
  const parsed = parseDeclaration(body);
  if (!parsed.ok) throw new Error(parsed.faults.join('\n'));
  const key = declarationKey(space, parsed.declaration);
  const about = { id: key, key, kind: 'agent', time: 1, space, by: 'test', reason: '' };
  return [key, { ...about, body: parsed.declaration }];
}

test('a declared word goes before an imported and an imported before what was seen', () => {
  const registry = createRegistry();
  registry.see({ space: 'default', agent: 'cart', time: 5, zone: 'seen', kind: 'service' });
  registry.decide(...declaring({ agent: 'cart', origin: 'kubernetes', zone: 'imported', owner: 'shop' }));
  registry.decide(...declaring({ agent: 'cart', zone: 'declared' }));
  const cart = registry.get('default', 'cart');
  expect(cart?.zone).toEqual({ value: 'declared', origin: 'declared' });
  expect(cart?.owner).toEqual({ value: 'shop', origin: 'kubernetes' });
  expect(cart?.kind).toEqual({ value: 'service', origin: 'learned' });
  expect(cart?.first_seen).toBe(5);
});

test('a declaration that is taken back leaves what others said', () => {
  const registry = createRegistry();
  const [key, decision] = declaring({ agent: 'cart', zone: 'declared' });
  registry.decide(...declaring({ agent: 'cart', origin: 'spiffe', zone: 'imported' }));
  registry.decide(key, decision);
  registry.decide(key, undefined);
  expect(registry.zoneOf('default', 'cart')).toBe('imported');
});

test('a pattern registers every agent whose id fits, the narrowest first', () => {
  const registry = createRegistry();
  registry.decide(...declaring({ agent: 'spiffe://prod/*', zone: 'prod' }));
  registry.decide(...declaring({ agent: 'spiffe://prod/ns/pay/*', zone: 'pay' }));
  expect(registry.zoneOf('default', 'spiffe://prod/ns/pay/sa/card')).toBe('pay');
  expect(registry.zoneOf('default', 'spiffe://prod/ns/web/sa/shop')).toBe('prod');
  expect(registry.isRegistered('default', 'spiffe://dev/ns/web')).toBe(false);
});

test('an agent that was only seen is not registered', () => {
  const registry = createRegistry();
  registry.see({ space: 'default', agent: 'ghost', time: 1 });
  expect(registry.get('default', 'ghost')?.is_registered).toBe(false);
  expect(registry.isUsed('default')).toBe(false);
});

test('spaces do not know of each other', () => {
  const registry = createRegistry();
  registry.decide(...declaring({ agent: 'cart', zone: 'web' }));
  expect(registry.zoneOf('other', 'cart')).toBeUndefined();
});

test('versions keep when each was first and last seen, and only the newest of many', () => {
  const registry = createRegistry();
  for (let i = 0; i < registryLimits.seenPerFactMax + 4; i += 1)
    for (const time of [i * 10, i * 10 + 5])
      registry.see({ space: 'default', agent: 'cart', time, version: `1.${i}` });
  const versions = registry.get('default', 'cart')?.versions ?? [];
  expect(versions).toHaveLength(registryLimits.seenPerFactMax);
  expect(versions.at(-1)).toEqual({ version: '1.19', first_seen: 190, last_seen: 195 });
});

test('the order in which decisions and sightings arrive does not matter', () => {
  const steps = [
    (r: ReturnType<typeof createRegistry>) => r.see({ space: 'default', agent: 'cart', time: 5, zone: 'a' }),
    (r: ReturnType<typeof createRegistry>) => r.see({ space: 'default', agent: 'cart', time: 9, zone: 'b' }),
    (r: ReturnType<typeof createRegistry>) => r.decide(...declaring({ agent: 'cart', owner: 'shop' })),
  ];
  const forward = createRegistry();
  const backward = createRegistry();
  for (const step of steps) step(forward);
  for (const step of steps.toReversed()) step(backward);
  expect(backward.list('default')).toEqual(forward.list('default'));
});

test('a malformed decision declares nothing', () => {
  const registry = createRegistry();
  const [key, decision] = declaring({ agent: 'cart' });
  registry.decide(key, { ...decision, body: { agent: 'cart', zone: 7 } });
  expect(registry.isUsed('default')).toBe(false);
});

test('an import alone makes nobody unregistered', () => {
  const registry = createRegistry();
  registry.decide(...declaring({ agent: 'planner', origin: 'a2a_card' }));
  expect(registry.isUsed('default')).toBe(false);
  const [key, decision] = declaring({ agent: 'web' });
  registry.decide(key, decision);
  registry.decide(key, decision);
  expect(registry.isUsed('default')).toBe(true);
  registry.decide(key, undefined);
  expect(registry.isUsed('default')).toBe(false);
});

test("a tenant's word about an agent leaves another tenant's about the same id alone", () => {
  const registry = createRegistry();
  registry.decide(...declaring({ agent: 'web', zone: 'dmz' }));
  registry.decide(...declaring({ agent: 'web', zone: 'lab' }, 'tenant'));
  expect(registry.zoneOf('default', 'web')).toBe('dmz');
  expect(registry.zoneOf('tenant', 'web')).toBe('lab');
});
