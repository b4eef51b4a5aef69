import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIntentions } from '#shared/policy/intentions.ts';
import { policyDrift } from '../../../../../services/posture/findings/policy-drift.ts';
import { postureStore } from '../../../../support/posture-store.ts';

const now = Date.UTC(2026, 10, 23);
const hour = 3_600_000;
let shop: Awaited<ReturnType<typeof postureStore>>;

const called = (from: string, to: string, ...daysAgo: readonly number[]) =>
  daysAgo.map((days) => ({
    time: now - days * 24 * hour - hour,
    source: `in-${from}`,
    destination: `in-${to}`,
    source_zone: from,
    destination_zone: to,
  }));

beforeAll(async () => {
  shop = await postureStore();
  await shop.put([
    ...called('dmz', 'app', 29, 15, 0),
    ...called('app', 'data', 20, 10, 0), // a habit that no rule names
    ...called('app', 'mail', 20, 18), // was one, and ended
    ...called('dmz', 'mail', 1, 0), // not yet one
  ]);
});
afterAll(() => shop.close());

async function found(zones: object | undefined) {
  const intentions = createIntentions();
  const key = 'policy/default';
  const about = { id: key, key, kind: 'policy', time: 0, space: 'default', by: 'test', reason: '' };
  if (zones !== undefined) intentions.decide(key, { ...about, body: { version: 1, zones } });
  const all = await policyDrift.find({ store: shop.store, intentions }, { space: 'default', now });
  return all.map(({ agent, peer, subject, sentence }) => ({ agent, peer, subject, sentence }));
}
const rule = (from: string, to: string) => ({ from: [from], to: [to], verdict: 'allowed' });

test('a habit without a rule and a rule without a habit are told', async () => {
  expect(await found({ rules: [rule('dmz', 'app'), rule('old', 'app')] })).toEqual([
    {
      agent: 'in-app',
      peer: 'in-data',
      subject: 'app → data',
      sentence:
        '3 calls from app to data since 2026-11-02, most of them of in-app to in-data, ' +
        'and no rule of the policy names this crossing',
    },
    {
      agent: 'amiss',
      peer: null,
      subject: 'old → app',
      sentence: 'rule 1 of the policy allows old → app, and nobody used it in 30 days: remove it',
    },
  ]);
});

test('what a rule names, and what the default denies, is no drift', async () => {
  expect(await found({ rules: [rule('dmz', 'app'), rule('app', 'data')] })).toEqual([]);
  expect(await found({ default: 'denied', rules: [rule('dmz', 'app')] })).toEqual([]);
});

test('without a rule nothing is meant, and nothing drifts', async () => {
  expect(await found(undefined)).toEqual([]);
});
