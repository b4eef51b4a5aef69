import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { createIntentions } from '#shared/policy/intentions.ts';
import { type Assessment, assess } from '#shared/posture/assess.ts';
import { assessmentHtml } from '#shared/posture/report/assessment-html.ts';
import { postureStore } from '../../../support/posture-store.ts';

const now = Date.UTC(2026, 10, 23);
const hour = 3_600_000;
const intentions = createIntentions();
let shop: Awaited<ReturnType<typeof postureStore>>;
let assessment: Assessment;

const decide = (kind: string, key: string, body: unknown) =>
  intentions.decide(key, { id: key, key, kind, time: 0, space: 'default', by: 'test', reason: '', body });
const call = (hoursAgo: number, fields: Partial<AmissEvent>): Partial<AmissEvent> => ({
  time: now - hoursAgo * hour,
  source: 'web',
  destination: 'shop',
  source_zone: 'dmz',
  destination_zone: 'app',
  auth_method: 'mtls',
  tls_version: 'TLSv1.3',
  ...fields,
});
const scoreOf = (name: string) => assessment.measures.find((measure) => measure.name === name)?.score;

beforeAll(async () => {
  shop = await postureStore();
  decide('agent', 'agent/web', { agent: 'web' });
  decide('policy', 'policy/default', {
    version: 1,
    tls: { plaintext: 'denied' },
    zones: { rules: [{ from: ['dmz'], to: ['app'], verdict: 'allowed' }] },
    versions: [{ agents: ['web'], version_min: '2.0' }],
    grants: [
      { agent: 'web', to: ['shop'] },
      { agent: 'web', to: ['vault'], role: 'admin' },
    ],
  });
  await shop.put([
    call(1, { source_version: '1.9' }),
    call(30, { tls_version: 'none' }),
    call(40, { tls_version: 'TLSv1.1', auth_method: 'none' }),
    call(50, { source: 'ghost', destination_zone: 'data', destination: 'db' }),
    call(200, { source: 'ghost', destination_zone: 'old' }),
  ]);
  assessment = await assess({ store: shop.store, intentions }, { space: 'default', days: 7, now });
});
afterAll(() => shop.close());

test('every measure is the share of what was counted', () => {
  expect(assessment.calls).toBe(4);
  expect(scoreOf('registered_agents')).toBe(50);
  expect(scoreOf('encrypted_calls')).toBe(75);
  expect(scoreOf('modern_tls')).toBe(66.6);
  expect(scoreOf('proven_callers')).toBe(75);
  expect(scoreOf('used_grants')).toBe(50);
  expect(scoreOf('ruled_crossings')).toBe(50);
  expect(scoreOf('kept_policy')).toBe(75);
  expect(scoreOf('patched_agents')).toBe(0);
});

test('what the logs do not tell is not scored, and the report says what to log', () => {
  const tokens = assessment.measures.find((measure) => measure.name === 'short_tokens');
  expect(tokens).toMatchObject({ score: null, of: 0 });
  expect(tokens?.sentence).toContain('token_issued_at');
});

test('the period before gives the trend, and the matrix its drift', () => {
  const registered = assessment.measures.find((measure) => measure.name === 'registered_agents');
  expect(registered?.before).toBe(0);
  expect(assessment.drift).toEqual([
    { change: 'appeared', from: 'dmz', to: 'app', calls: 3 },
    { change: 'appeared', from: 'dmz', to: 'data', calls: 1 },
    { change: 'vanished', from: 'dmz', to: 'old', calls: 1 },
  ]);
});

test('at most ten actions, the one that brings most first, with names', () => {
  const { actions } = assessment;
  expect(actions).toHaveLength(10);
  expect(actions.map((action) => action.gain)).toEqual(
    actions.map((action) => action.gain).toSorted((a, b) => b - a),
  );
  expect(actions.find((action) => action.measure === 'registered_agents')?.examples).toEqual(['ghost']);
  expect(actions.find((action) => action.measure === 'used_grants')?.examples).toEqual(['web → vault']);
});

test('a space without a call is not scored at all', async () => {
  const empty = await assess({ store: shop.store, intentions }, { space: 'nobody', days: 7, now });
  expect(empty.measures.every((measure) => measure.score === null || measure.name === 'used_grants')).toBe(
    true,
  );
  expect(empty.score).toBeNull();
  expect(assessmentHtml(empty, now)).toContain('No calls of space nobody are stored: send some');
});

test.each([
  { daysLater: 20, said: /of 2026-11-14 to 2026-11-22: ask for them with <code>--days 29<\/code>/ },
  { daysLater: 395, said: /ask for them with <code>--days 400<\/code>/ },
  { daysLater: 500, said: /further back than the 400 days/ },
  { daysLater: -30, said: /still to come: look at the clocks/ },
])('a period $daysLater days away from the calls says where they are', async ({ daysLater, said }) => {
  const later = now + daysLater * 24 * hour;
  const away = await assess({ store: shop.store, intentions }, { space: 'default', days: 7, now: later });
  const page = assessmentHtml(away, later);
  expect(away.score).toBeNull();
  expect(page).toMatch(said);
  expect(page).not.toContain('<table>');
});

test('beside a time without calls nothing appeared, and there is no trend', async () => {
  const first = await assess({ store: shop.store, intentions }, { space: 'default', days: 14, now });
  expect(first.drift).toEqual([]);
  expect(first.before).toBeNull();
  expect(assessmentHtml(first, now)).toContain('There is no period before it to compare with.');
});

test('a period with calls does not tell of others', () => {
  expect(assessment.elsewhere).toBeNull();
});

test('the page shows every tenet and lets no name of an agent become markup', () => {
  const first = assessment.actions[0];
  if (first === undefined) throw new Error('there is an action');
  const hostile = {
    ...assessment,
    space: '<script>x</script>',
    actions: [{ ...first, examples: ['"><img src=x>'] }],
  };
  const page = assessmentHtml(hostile, now);
  expect(page).not.toMatch(/<script|<img/);
  for (const tenet of assessment.tenets) expect(page).toContain(tenet.title.slice(0, 20));
});
