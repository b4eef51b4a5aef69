import { expect, test } from 'vitest';
import { grantedEdges, grantUses, minimalGrants, type Use } from '#shared/posture/privilege.ts';

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
const grants = [
  { from: 'policy', agent: 'web-*', to: ['shop', 'mail'], actions: ['GET *', 'PUT *'] },
  { from: 'iam', agent: 'web-1', to: ['vault'], actions: ['*'], since: 40 * day, role: 'admin' },
  { from: 'policy', agent: 'web-1', to: ['shop'], actions: ['DELETE *'] },
];

test('grants are told with their last use, those of which nothing is known first, then the longest unused', () => {
  expect(
    grantUses(grants, uses, now).map(({ from, to, last_used, unused_days }) => [
      from,
      to[0],
      last_used,
      unused_days,
    ]),
  ).toEqual([
    ['policy', 'shop', null, null],
    ['iam', 'vault', null, 60],
    ['policy', 'shop', 99 * day, 1],
  ]);
});

test('of a grant that is used, the part that nobody used is told', () => {
  const used = grantUses(grants, uses, now).find(({ last_used }) => last_used !== null);
  expect(used).toMatchObject({ unused_to: ['mail'], unused_actions: ['PUT *'], calls: 6 });
});

test('patterns of grants stand for the agents that are known', () => {
  expect(grantedEdges(grants, new Set(['web-1', 'web-2', 'shop']))).toEqual([
    ['web-1', 'shop'],
    ['web-1', 'mail'],
    ['web-2', 'shop'],
    ['web-2', 'mail'],
    ['web-1', 'vault'],
    ['web-1', 'shop'],
  ]);
});

test('the least that an agent needs is what it did', () => {
  expect(minimalGrants(uses, 'web-1')).toEqual([
    { agent: 'web-1', to: ['logs'], actions: ['*'] },
    { agent: 'web-1', to: ['shop'], actions: ['GET /orders', 'POST /orders'] },
  ]);
});
