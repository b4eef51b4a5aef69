import { expect, test } from 'vitest';
import { documentsOf } from '#shared/registry/imports/documents.ts';
import { spireEntries } from '#shared/registry/imports/spire-entries.ts';

const wishes = { agent: '{namespace}/{name}', name: 'spiffe', now: Date.UTC(2026, 10, 23) };
const id = (path: string) => ({ trust_domain: 'prod.example', path });
const entry = (path: string, more: object = {}) => ({
  id: '5f6f9a1c-3d4b-4c57-9c1e-6f2a3b4c5d6e',
  spiffe_id: id(path),
  parent_id: id('/spire/agent/k8s_psat/demo/42'),
  selectors: [],
  x509_svid_ttl: 0,
  expires_at: '0',
  dns_names: [],
  ...more,
});

test('an entry says who may use which id, where it runs and who attests it', () => {
  const selectors = [
    { type: 'k8s', value: 'ns:shop' },
    { type: 'k8s', value: 'sa:cart' },
    { type: 'k8s', value: 'pod-label:app:cart' },
  ];
  const content = JSON.stringify({
    entries: [entry('/ns/shop/sa/cart', { selectors, dns_names: ['cart.shop.svc'] })],
    next_page_token: '',
  });
  const { declarations, skipped } = spireEntries.read(documentsOf(content), wishes);
  expect(skipped).toEqual([]);
  expect(declarations).toEqual([
    {
      agent: 'spiffe://prod.example/ns/shop/sa/cart',
      origin: 'spiffe',
      source: 'spiffe://prod.example/ns/shop/sa/cart',
      kind: 'service',
      zone: 'shop',
      peer_group: 'cart',
      identities: ['spiffe://prod.example/ns/shop/sa/cart', 'cart.shop.svc'],
      labels: {
        'k8s/namespace': 'shop',
        'k8s/service-account': 'cart',
        'k8s/label/app': 'cart',
        'spiffe/selectors': 'k8s:ns:shop k8s:sa:cart k8s:pod-label:app:cart',
        'spiffe/parent': 'spiffe://prod.example/spire/agent/k8s_psat/demo/42',
      },
    },
  ]);
});

test('several entries of one id are one agent with the names of all', () => {
  const entries = [entry('/db', { dns_names: ['a'] }), entry('/db', { dns_names: ['b'] })];
  const { declarations } = spireEntries.read([{ entries }], wishes);
  expect(declarations.map(({ identities }) => identities)).toEqual([['spiffe://prod.example/db', 'a', 'b']]);
});

test('what expired or is no workload is skipped with the reason', () => {
  const entries = [entry('/old', { expires_at: '1700000000' }), { selectors: [] }, 'https://not-spiffe'];
  const { declarations, skipped } = spireEntries.read([{ entries }], wishes);
  expect(declarations).toEqual([]);
  expect(skipped).toEqual([
    'entry 0: spiffe://prod.example/old expired',
    'entry 1: has no spiffe_id',
    'entry 2: "https://not-spiffe" is no SPIFFE id of a workload',
  ]);
});
