import { readFileSync } from 'node:fs';
import { CiliumNetworkPolicy } from '@kubernetes-models/cilium/cilium.io/v2/CiliumNetworkPolicy';
import { AuthorizationPolicy } from '@kubernetes-models/istio/security.istio.io/v1/AuthorizationPolicy';
import { loadPolicy } from '@open-policy-agent/opa-wasm';
import fc from 'fast-check';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { describe, expect, test } from 'vitest';
import { compilePolicy } from '#shared/policy/compile-policy.ts';
import { emptyPolicy } from '#shared/policy/parse-policy.ts';
import type { Policy, ZoneRule } from '#shared/policy/policy.ts';
import { policyExports } from '#shared/posture/exports/index.ts';
import { namespacePlaces } from '#shared/posture/exports/policy-export.ts';

const zones = ['web', 'app', 'data'];
const fixture = (name: string) => new URL(`../fixtures/policy/${name}`, import.meta.url);

function policyWith(rules: readonly ZoneRule[], rest: Partial<Policy['zones']> = {}): Policy {
  return { ...emptyPolicy, zones: { ...emptyPolicy.zones, default: 'denied', ...rest, rules: [...rules] } };
}

const typical = policyWith([
  { from: ['web'], to: ['data'], verdict: 'denied' },
  { from: ['web'], to: ['app'], verdict: 'allowed', ports: [443], actions: ['GET /orders/{id}', 'POST /*'] },
  { from: ['*'], to: ['app'], verdict: 'watched', ports: [8443] },
  { from: ['app'], to: ['data'], verdict: 'allowed', protocols: ['tcp'] },
  { from: ['app'], to: ['web'], verdict: 'denied', ports: [22] },
  { from: ['app'], to: ['web'], verdict: 'allowed' },
]);

const ruleArbitrary = fc.record(
  {
    from: fc.subarray(['web', 'app', 'data', '*', 'w*'], { minLength: 1 }),
    to: fc.subarray(['web', 'app', 'data', '*'], { minLength: 1 }),
    verdict: fc.constantFrom('allowed', 'watched', 'denied'),
    ports: fc.uniqueArray(fc.constantFrom(22, 80, 443), { minLength: 1 }),
    actions: fc.subarray(['GET /orders/{id}', 'POST /*', 'GET *', 'tools/call:*'], { minLength: 1 }),
    protocols: fc.subarray(['http', 'tcp'], { minLength: 1 }),
  },
  { requiredKeys: ['from', 'to', 'verdict'] },
);
const policyArbitrary = fc
  .tuple(fc.array(ruleArbitrary, { maxLength: 5 }), fc.constantFrom('allowed', 'watched', 'denied'))
  .map(([rules, fallback]) => policyWith(rules as ZoneRule[], { default: fallback }));
const callArbitrary = fc.record(
  {
    source_zone: fc.constantFrom(...zones),
    destination_zone: fc.constantFrom(...zones),
    destination_port: fc.constantFrom(22, 80, 443, 9999),
    action: fc.constantFrom('GET /orders/{id}', 'POST /pay', 'GET /', 'tools/call:search'),
    protocol: fc.constantFrom('http', 'tcp'),
  },
  { requiredKeys: [] },
);

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly namespace: string };
  readonly spec: { readonly ingress?: readonly unknown[]; readonly rules?: readonly unknown[] };
}

function manifestsOf(name: string, policy: Policy): readonly Manifest[] {
  const form = policyExports.find((candidate) => candidate.name === name);
  const [file] = form?.write({ policy, zones, placeOf: namespacePlaces }) ?? [];
  return JSON.parse(file?.text ?? '{"items":[]}').items;
}

describe.each([
  ['kubernetes', (manifest: object) => new NetworkPolicy(manifest as never)],
  ['cilium', (manifest: object) => new CiliumNetworkPolicy(manifest as never)],
  ['istio', (manifest: object) => new AuthorizationPolicy(manifest as never)],
] as const)('the export %s', (name, modelOf) => {
  test('is valid by the published schema, whatever the policy', () => {
    fc.assert(
      fc.property(policyArbitrary, (policy) => {
        for (const manifest of manifestsOf(name, policy)) modelOf(manifest).validate();
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  test('is refused by that schema when it is malformed', () => {
    const text = JSON.stringify(manifestsOf(name, typical)).replaceAll(/"namespaces?":/g, '"nonsense":');
    expect(() => {
      for (const manifest of JSON.parse(
        text
          .replaceAll('"ingress":[', '"ingress":["x",')
          .replaceAll('"rules":[{"from"', '"rules":["x",{"from"'),
      ))
        modelOf(manifest).validate();
    }).toThrow();
  });

  test('has one manifest for each zone, in its namespace', () => {
    expect(manifestsOf(name, typical).map((manifest) => manifest.metadata.namespace)).toEqual(zones);
  });
});

test('Kubernetes gets ports as ranges around what is denied', () => {
  const [web] = manifestsOf('kubernetes', typical);
  expect(web?.spec.ingress).toContainEqual({
    from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'app' } } }],
    ports: [
      { protocol: 'TCP', port: 1, endPort: 21 },
      { protocol: 'TCP', port: 23, endPort: 65_535 },
    ],
  });
});

test('Cilium gets methods and paths as expressions', () => {
  const [, app] = manifestsOf('cilium', typical);
  expect(JSON.stringify(app?.spec.ingress)).toContain(
    '"rules":{"http":[{"method":"GET","path":"/orders/[^/]+"},{"method":"POST","path":"/.*"}]}',
  );
});

test('Istio gets methods and path templates', () => {
  const [, app] = manifestsOf('istio', typical);
  expect(JSON.stringify(app?.spec.rules)).toContain(
    '{"ports":["443"],"methods":["GET"],"paths":["/orders/{*}"]}',
  );
});

describe('what every form enforces', () => {
  test.each(policyExports)('$name lets pass whatever the policy lets pass', ({ enforced }) => {
    fc.assert(
      fc.property(policyArbitrary, callArbitrary, (policy, call) => {
        const meant = compilePolicy(policy).crossing(call).verdict;
        const done = compilePolicy(enforced(policy)).crossing(call).verdict;
        expect([meant, done]).not.toEqual([expect.stringMatching(/allowed|watched/), 'denied']);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});

describe('the Rego module', () => {
  test('is the one that was compiled', () => {
    const [module] = policyExports.at(-1)?.write({ policy: typical, zones, placeOf: namespacePlaces }) ?? [];
    expect(module?.text).toBe(readFileSync(fixture('zones.rego'), 'utf8'));
  });

  test('judges every call as the compiled policy does', async () => {
    const loaded = await loadPolicy(readFileSync(fixture('zones.wasm')));
    fc.assert(
      fc.property(
        policyArbitrary,
        fc.array(callArbitrary, { minLength: 5, maxLength: 5 }),
        (policy, calls) => {
          const [, data] = policyExports.at(-1)?.write({ policy, zones, placeOf: namespacePlaces }) ?? [];
          loaded.setData(JSON.parse(data?.text ?? '{}'));
          for (const call of calls)
            expect([call, loaded.evaluate(call)[0]?.result]).toEqual([
              call,
              compilePolicy(policy).crossing(call).verdict,
            ]);
        },
      ),
      { numRuns: 100, seed: 8 },
    );
  });
});
