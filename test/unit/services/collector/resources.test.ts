import { expect, test } from 'vitest';
import { extractResources } from '../../../../services/collector/resources.ts';

test('recipients, hosts, accounts and objects are found, and nothing else', () => {
  expect(
    extractResources({
      to: ['Ann@Example.com', 'bob@example.com'],
      subject: 'March',
      body: 'Please see https://cdn.example.net/a/b?c=1 and pay to DE89 3704 0044 0532 0130 00.',
      amount: 12.5,
      customerId: 'C-17',
      file_path: '/srv/payroll.csv',
    }),
  ).toEqual(
    [
      'C-17',
      '/srv/payroll.csv',
      'ann@example.com',
      'bob@example.com',
      'cdn.example.net',
      'DE89370400440532013000',
    ].sort(byFirstSeen),
  );
});

// What stands at the top is found before what lies in a list below it.
const seen = [
  'cdn.example.net',
  'DE89370400440532013000',
  'C-17',
  '/srv/payroll.csv',
  'ann@example.com',
  'bob@example.com',
];
function byFirstSeen(left: string, right: string): number {
  return seen.indexOf(left) - seen.indexOf(right);
}

test('an IBAN with wrong check digits is none', () => {
  expect(extractResources({ body: 'DE00 3704 0044 0532 0130 00' })).toEqual([]);
});

test('tables of a statement are found', () => {
  expect(extractResources({ sql: 'select * from shop.orders o join "Customers" c on true' })).toEqual([
    'shop.orders',
    'customers',
  ]);
});

test('values that are secrets are never resources', () => {
  expect(
    extractResources({ api_key: 'AKIA1', accessKey: 'x', token: 'bob@example.com', password: 'y' }),
  ).toEqual([]);
});

test('there are eight at the most', () => {
  expect(extractResources({ to: Array.from({ length: 50 }, (_, i) => `u${i}@example.com`) })).toHaveLength(8);
});

test('large and deep arguments are looked at only so far', () => {
  const deep: unknown = JSON.parse(`${'{"a":'.repeat(5000)}"x@example.com"${'}'.repeat(5000)}`);
  expect(extractResources(deep)).toEqual([]);
  expect(extractResources({ body: `${'x '.repeat(3000)} late@example.com` })).toEqual([]);
});

test.each([
  ['a'.repeat(4096)],
  [`${'a@'.repeat(2048)}`],
  [`${'a.'.repeat(2048)}@`],
  [`${'AB12 '.repeat(800)}`],
  [`${'x@a.'.repeat(1024)}`],
  [`http://${'a'.repeat(4000)}`],
])('hostile text %# is searched in time', (body) => {
  const start = performance.now();
  extractResources({ body });
  expect(performance.now() - start).toBeLessThan(500);
});
