import { expect, test } from 'vitest';
import { createShippers } from '../../../../services/collector/shippers.ts';

const entry = { name: 'edge', agents: ['web-*', 'cart'], space: 'shop', addresses: [], shared_key: '' };

test('a token with an entry speaks for the agents that it is bound to, in its space', () => {
  const sender = createShippers([entry]).ofCaller({ name: 'edge', roles: ['ingest'] });
  expect(sender).toMatchObject({ name: 'edge', shipper: 'edge', space: 'shop' });
  expect(['web-1', 'cart', 'cart-2', 'billing'].map(sender.maySpeakFor)).toEqual([true, true, false, false]);
});

test('a token without an entry speaks for nobody, an admin for all', () => {
  const shippers = createShippers([entry]);
  expect(shippers.ofCaller({ name: 'other', roles: ['ingest'] }).maySpeakFor('web-1')).toBe(false);
  expect(shippers.ofCaller({ name: 'admin', roles: ['admin'] }).maySpeakFor('web-1')).toBe(true);
});

test('an address is known by its network, IPv4 also in the form of IPv6', () => {
  const shippers = createShippers([{ ...entry, addresses: ['10.1.0.0/16', '192.0.2.7', '2001:db8::/32'] }]);
  const known = ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', '2001:db8::1', '10.2.0.1', '192.0.2.8', 'x'];
  expect(known.map((address) => shippers.ofAddress(address)?.name)).toEqual([
    'edge',
    'edge',
    'edge',
    'edge',
    undefined,
    undefined,
    undefined,
  ]);
});
