import { expect, test } from 'vitest';
import {
  agentName,
  hostOf,
  isAddress,
  loggingWorkload,
  splitAddress,
} from '../../../../../services/collector/facts/names.ts';

test.each([
  ['spiffe://cluster.local/ns/shop/sa/cart', 'shop/cart'],
  ['system:serviceaccount:shop:cart', 'shop/cart'],
  ['cart.shop.svc.cluster.local', 'shop/cart'],
  ['cart.shop.svc', 'shop/cart'],
  ['spiffe://other.example/ns/shop/sa/cart', 'spiffe://other.example/ns/shop/sa/cart'],
  ['cart.shop.example', 'cart.shop.example'],
])('the workload %s is known as %s', (name, expected) => {
  expect(agentName(name)).toBe(expected);
});

test.each([
  ['10.0.0.7:8080', { address: '10.0.0.7', port: 8080 }],
  ['tcp://10.0.0.7:8080', { address: '10.0.0.7', port: 8080 }],
  ['[2001:db8::1]:443', { address: '2001:db8::1', port: 443 }],
  ['2001:db8::1', { address: '2001:db8::1' }],
  ['cart', { address: 'cart' }],
  ['', {}],
])('%s is split into address and port', (value, expected) => {
  expect(splitAddress(value)).toEqual(expected);
});

test.each([
  ['https://Ann:pw@Shop.example:8443/x', 'shop.example'],
  ['shop.example:80', 'shop.example'],
  ['http://[2001:db8::1]:80/', '2001:db8::1'],
])('the host of %s is %s', (value, expected) => {
  expect(hostOf(value)).toBe(expected);
});

test('addresses say nothing about the agent', () => {
  expect(['10.0.0.7', '2001:db8::1', 'cafe', 'shop/cart'].map(isAddress)).toEqual([true, true, false, false]);
});

test('a pod belongs to its workload', () => {
  const pod = (name: string) => loggingWorkload({ kubernetes: { namespace_name: 'shop', pod_name: name } });
  expect(pod('cart-7d9f8b6c5d-x2x4z')).toBe('shop/cart');
  expect(pod('db-0')).toBe('shop/db');
  expect(loggingWorkload({ kubernetes: { labels: { app: 'web' }, pod_name: 'x' } })).toBe('web');
});
