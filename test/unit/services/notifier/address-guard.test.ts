import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { createAddressGuard, type Resolve } from '../../../../services/notifier/address-guard.ts';

const strict = createAddressGuard([]);

test.each(['1.1.1.1', '93.184.216.34', '2606:4700:4700::1111', '::ffff:8.8.8.8'])(
  '%s may be called',
  (address) => {
    expect(strict.allows(address)).toBe(true);
  },
);

// The list of the reference: private, loopback, link-local, broadcast, multicast, documentation, shared address
// space, protocol assignments, 6to4 relays, benchmarking, reserved, and their kin in IPv6.
test.each([
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.8.8.8',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:a9fe:a9fe',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  '3fff::1',
  '4000::1',
  '5f00::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  'localhost',
  '',
])('%s may not be called', (address) => {
  expect(strict.allows(address)).toBe(false);
});

test('a listed subnet or address may be called, its neighbours may not', () => {
  const guard = createAddressGuard(['10.20.0.0/16', '192.168.1.7', 'fd00:1::/32']);
  const allowed = ['10.20.3.4', '::ffff:10.20.3.4', '192.168.1.7', 'fd00:1::9'];
  const refused = ['10.21.0.1', '192.168.1.8', 'fd00:2::9'];
  expect([...allowed, ...refused].filter((address) => guard.allows(address))).toEqual(allowed);
});

test('an entry that is no subnet is named', () => {
  expect(() => createAddressGuard(['10.0.0.0/33'])).toThrow('notifier.allow_addresses: "10.0.0.0/33"');
});

test('a host that is written as an address is refused before anything is looked up', () => {
  expect(strict.refusalOf('[::1]')).toContain('::1 is not a public address');
  expect(strict.refusalOf('example.org')).toBeUndefined();
});

const addresses = (list: readonly string[]): LookupAddress[] =>
  list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
const resolvesTo =
  (...list: string[]): Resolve =>
  (_host, done) =>
    done(null, addresses(list));

function lookUp(resolve: Resolve, all: boolean): Promise<unknown> {
  return new Promise((done) => {
    createAddressGuard([], resolve).lookup('hooks.example', { all }, (error, address) =>
      done(error === null ? address : error.code),
    );
  });
}

test('a name that resolves to public and private addresses is called at the public ones only', async () => {
  const mixed = resolvesTo('10.0.0.5', '93.184.216.34', '::1', '2606:4700::1');
  expect(await lookUp(mixed, true)).toEqual(addresses(['93.184.216.34', '2606:4700::1']));
  expect(await lookUp(mixed, false)).toBe('93.184.216.34');
});

test('a name that resolves to private addresses only is refused', async () => {
  expect(await lookUp(resolvesTo('10.0.0.5', '127.0.0.1'), true)).toBe('EADDRESSREFUSED');
});

test('a name that does not resolve stays an error of the resolver', async () => {
  const missing: Resolve = (_host, done) => done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []);
  expect(await lookUp(missing, true)).toBe('ENOTFOUND');
});
