import { afterAll, beforeAll, expect, test } from 'vitest';
import { compilePolicy } from '#shared/policy/compile-policy.ts';
import { emptyPolicy, parsePolicy } from '#shared/policy/parse-policy.ts';
import { whatIf } from '#shared/posture/what-if.ts';
import { createRegistry } from '#shared/registry/registry.ts';
import { postureStore } from '../../../support/posture-store.ts';

const period = { space: 'default', from: 1000, to: 2000 };
const registry = createRegistry();
let shop: Awaited<ReturnType<typeof postureStore>>;

const judge = (policy: object) => {
  const parsed = parsePolicy({ version: 1, ...policy });
  if (!parsed.ok) throw new Error(parsed.faults.join('\n'));
  return whatIf(shop.store, { policy: compilePolicy(parsed.policy), registry, period });
};

beforeAll(async () => {
  shop = await postureStore();
  const web = { source: 'web', source_zone: 'web' };
  const db = { destination: 'db', destination_zone: 'data' };
  const api = { destination: 'api', destination_zone: 'app' };
  await shop.put([
    { ...web, ...api, time: 1000, destination_port: 443, tls_version: 'TLSv1.3', mtls: true },
    { ...web, ...api, time: 1001, destination_port: 80, tls_version: 'none', mtls: false },
    { ...web, ...db, time: 1002, destination_port: 5432, outcome: 'success' },
    { ...web, ...db, time: 1003, destination_port: 5432, outcome: 'denied' },
    { ...web, ...db, time: 2000, destination_port: 5432 },
    { ...web, ...db, time: 1500, space: 'other' },
    { source: 'nozone', ...db, time: 1600 },
  ]);
});
afterAll(() => shop.close());

test('a policy that forbids nothing denies nothing', async () => {
  const answer = await whatIf(shop.store, { policy: compilePolicy(emptyPolicy), registry, period });
  expect(answer).toMatchObject({ calls: 5, denied: 0, watched: 0, by_objection: [], edges: [] });
});

test('denied calls are counted by rule and edge, apart from those that were refused at the time', async () => {
  const answer = await judge({
    zones: {
      default: 'denied',
      rules: [
        { from: ['web'], to: ['data'], verdict: 'denied' },
        { from: ['web'], to: ['app'], verdict: 'allowed', ports: [443] },
      ],
    },
  });
  expect(answer).toMatchObject({ calls: 5, denied: 3, newly_denied: 2, agents: 1 });
  expect(answer.by_objection).toEqual([
    { kind: 'crossing', verdict: 'denied', rule: 0, calls: 2 },
    { kind: 'crossing', verdict: 'denied', rule: null, calls: 1 },
  ]);
  expect(answer.edges.map((edge) => [edge.destination, edge.calls, edge.last_time])).toEqual([
    ['db', 2, 1003],
    ['api', 1, 1001],
  ]);
});

test('transport is judged as it is live', async () => {
  const answer = await judge({ tls: { plaintext: 'watched', mtls: 'required' } });
  expect(answer).toMatchObject({ denied: 1, watched: 0 });
  expect(answer.by_objection.map(({ kind, verdict }) => [kind, verdict])).toEqual([
    ['mtls', 'denied'],
    ['plaintext', 'watched'],
  ]);
});

test('other spaces and other times are left alone', async () => {
  const answer = await judge({ zones: { default: 'watched', unknown: 'watched' } });
  expect(answer).toMatchObject({ calls: 5, watched: 5 });
});
