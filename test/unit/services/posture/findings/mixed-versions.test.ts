import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIntentions } from '#shared/policy/intentions.ts';
import { mixedVersions } from '../../../../../services/posture/findings/mixed-versions.ts';
import { postureStore } from '../../../../support/posture-store.ts';

const now = Date.UTC(2026, 10, 23);
const hour = 3_600_000;
const intentions = createIntentions();
let shop: Awaited<ReturnType<typeof postureStore>>;

const ran = (source: string, source_version: string, ...hoursAgo: readonly number[]) =>
  hoursAgo.map((hours) => ({ time: now - hours * hour, source, destination: 'db', source_version }));

beforeAll(async () => {
  shop = await postureStore();
  for (const agent of ['cart-1', 'cart-2', 'pay-1', 'pay-2']) {
    const body = { agent, peer_group: agent.slice(0, -2) };
    const key = `agent/${agent}`;
    const about = { id: key, key, kind: 'agent', time: 0, space: 'default', by: 'test', reason: '' };
    intentions.decide(key, { ...about, body });
  }
  await shop.put([
    ...ran('cart-1', '1.9.0', 100, 2),
    ...ran('cart-2', '1.9.0', 100, 80),
    ...ran('cart-2', '1.10.0', 72, 1),
    ...ran('pay-1', '3.0', 50, 1), // a rollout that began five hours ago
    ...ran('pay-2', '3.1', 5, 1),
    ...ran('mail', '1', 90, 3), // two instances under one name
    ...ran('mail', '2', 60, 2),
    ...ran('done', '1', 90, 30), // has moved on
    ...ran('done', '2', 60, 2),
  ]);
});
afterAll(() => shop.close());

test('groups and agents that are mixed for longer than a rollout takes are told, by the laggard', async () => {
  const found = await mixedVersions.find({ store: shop.store, intentions }, { space: 'default', now });
  expect(found.map(({ agent, subject, sentence }) => [agent, subject, sentence])).toEqual([
    ['cart-1', 'cart', 'cart-1 runs 1.9.0 while others of cart run 1.10.0, 3 days after that came'],
    ['mail', 'mail', 'mail runs 1 while instances of it run 2, 2 days after that came'],
  ]);
});

test('a lasting mixture has one cause a week, another mixture another', async () => {
  const causes = async (later: number) => {
    const look = { space: 'default', now: now + later };
    return (await mixedVersions.find({ store: shop.store, intentions }, look)).map(({ cause }) => cause);
  };
  expect(await causes(hour)).toEqual(await causes(0));
  expect(new Set(await causes(0)).size).toBe(2);
});
