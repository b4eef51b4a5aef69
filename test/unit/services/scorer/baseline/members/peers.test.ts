import { expect, test } from 'vitest';
import { peerGroupOf } from '../../../../../../services/scorer/baseline/members/peers.ts';

test.each([
  ['cart', 'service', 'service'],
  ['spiffe://prod/ns/shop/sa/cart', undefined, 'spiffe://prod/ns/shop/sa'],
  ['10.1.2.3', 'unknown', 'address:inside'],
  ['fd00::1', undefined, 'address:inside'],
  ['194.27.251.21', undefined, 'address:outside'],
  ['172.016.112.020', undefined, 'address:inside'], // padded, not octal: 172.14 would be outside
  ['192.168.008.009', undefined, 'address:inside'],
  ['010.000.000.001', undefined, 'address:inside'],
  ['cafe', undefined, 'unknown'],
  ['cart', undefined, 'unknown'],
] as const)('%s, declared %s, is one of %s', (id, kind, group) => {
  expect(peerGroupOf(id, kind)).toBe(group);
});
