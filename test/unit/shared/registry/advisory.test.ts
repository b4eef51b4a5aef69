import { expect, test } from 'vitest';
import { createAdvisories, packagesOfAgent } from '#shared/registry/advisories.ts';
import { type Advisory, affectedBy } from '#shared/registry/advisory.ts';

type Ranges = NonNullable<Advisory['affected'][number]['ranges']>;
const advisory = (ranges: Ranges): Advisory => ({
  id: 'OSV-1',
  affected: [{ package: { ecosystem: 'npm', name: 'cart' }, ranges }],
});
const range = (...events: { introduced?: string; fixed?: string; last_affected?: string }[]) =>
  advisory([{ type: 'SEMVER', events }]);

// The cases of "Evaluation" in the OSV schema: events in order of version, whatever their order in the record.
test.each([
  ['1.0.0', range({ introduced: '0' }, { fixed: '1.2.0' }), true],
  ['1.2.0', range({ introduced: '0' }, { fixed: '1.2.0' }), false],
  ['1.2.0-rc.1', range({ introduced: '0' }, { fixed: '1.2.0' }), true],
  ['0.9.0', range({ introduced: '1.0.0' }), false],
  [
    '2.5.0',
    range({ introduced: '0' }, { fixed: '1.0.0' }, { introduced: '2.0.0' }, { fixed: '3.0.0' }),
    true,
  ],
  ['1.5.0', range({ fixed: '1.0.0' }, { introduced: '2.0.0' }, { introduced: '0' }), false],
  ['1.4.0', range({ introduced: '1.0.0' }, { last_affected: '1.4.0' }), true],
  ['1.4.1', range({ introduced: '1.0.0' }, { last_affected: '1.4.0' }), false],
])('%s of a package with %j', (version, record, isAffected) => {
  expect(affectedBy(record, 'cart', version) !== undefined).toBe(isAffected);
});

test('another package, a withdrawn record and a range of commits say nothing', () => {
  const record = range({ introduced: '0' });
  expect(affectedBy(record, 'shop', '1.0')).toBeUndefined();
  expect(affectedBy({ ...record, withdrawn: '2026-01-01T00:00:00Z' }, 'cart', '1.0')).toBeUndefined();
  const commits = advisory([{ type: 'GIT', events: [{ introduced: '0' }] }]);
  expect(affectedBy(commits, 'cart', '1.0')).toBeUndefined();
});

test('the first fix after the version is named', () => {
  const record = range({ introduced: '0' }, { fixed: '1.10.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' });
  expect(affectedBy(record, 'cart', '1.9.0')?.fixed).toBe('1.10.0');
});

test('an agent is asked for by its declared packages, else by its name', () => {
  expect(packagesOfAgent('spiffe://prod/ns/shop/sa/cart', [])).toEqual([
    'spiffe://prod/ns/shop/sa/cart',
    'cart',
  ]);
  expect(packagesOfAgent('cart', ['cart-server'])).toEqual(['cart-server']);
});

test('an advisory that is taken back applies no more', () => {
  const advisories = createAdvisories();
  const key = 'advisory/OSV-1';
  const body = range({ introduced: '0' });
  advisories.decide(key, {
    id: '1',
    key,
    kind: 'advisory',
    time: 0,
    space: 'default',
    by: '',
    reason: '',
    body,
  });
  expect(advisories.affecting(['cart'], '1.0').map(({ id }) => id)).toEqual(['OSV-1']);
  advisories.decide(key, undefined);
  expect(advisories.isEmpty()).toBe(true);
  expect(advisories.affecting(['cart'], '1.0')).toEqual([]);
});
