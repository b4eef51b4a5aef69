import { expect, test } from 'vitest';
import { parsePolicy } from '#shared/policy/parse-policy.ts';
import { grantUses, minimalGrants, type Use } from '#shared/posture/privilege.ts';

const day = 86_400_000;
const now = 100 * day;
const use = (source: string, destination: string, actions: Record<string, number>): Use => ({
  source,
  destination,
  actions: new Map(Object.entries(actions)),
  calls: 3,
});
const uses = [
  use('web-1', 'shop', { 'GET /orders': 90 * day, 'POST /orders': 95 * day }),
  use('web-2', 'shop', { 'GET /orders': 99 * day }),
  use('web-1', 'logs', { '': 80 * day }),
];
const parsed = parsePolicy({
  version: 1,
  grants: [
    { agent: 'web-*', to: ['shop'], actions: ['GET *'] },
    { agent: 'web-1', to: ['vault'], since: 40 * day, role: 'admin' },
    { agent: 'web-1', to: ['shop'], actions: ['DELETE *'] },
  ],
});
if (!parsed.ok) throw new Error(parsed.faults.join('\n'));
const { policy } = parsed;

test('grants are told with their last use, those of which nothing is known first, then the longest unused', () => {
  expect(
    grantUses(policy, uses, now).map(({ grant, last_used, unused_days }) => [grant, last_used, unused_days]),
  ).toEqual([
    [2, null, null],
    [1, null, 60],
    [0, 99 * day, 1],
  ]);
});

test('the least that an agent needs is what it did', () => {
  expect(minimalGrants(uses, 'web-1')).toEqual([
    { agent: 'web-1', to: ['logs'], actions: ['*'] },
    { agent: 'web-1', to: ['shop'], actions: ['GET /orders', 'POST /orders'] },
  ]);
});
