import { expect, test } from 'vitest';
import { declarationOfSpiffe } from '#shared/registry/spiffe.ts';

test('a workload of Kubernetes is in the zone of its namespace', () => {
  expect(declarationOfSpiffe('spiffe://prod.example/ns/shop/sa/cart')).toMatchObject({
    origin: 'spiffe',
    kind: 'service',
    zone: 'shop',
    peer_group: 'cart',
  });
});

test('any other path gives its first segment', () => {
  expect(declarationOfSpiffe('spiffe://corp.example/data/db-1')).toMatchObject({
    zone: 'data',
    peer_group: 'corp.example/data',
  });
});

test.each(['https://prod/ns/shop', 'spiffe://', 'spiffe://prod', 'spiffe://prod/a b', 'spiffe://prod//x'])(
  '%s is no SPIFFE id of a workload',
  (id) => {
    expect(declarationOfSpiffe(id)).toBeUndefined();
  },
);
