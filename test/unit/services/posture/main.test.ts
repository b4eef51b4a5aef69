import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Create } from 'typebox/value';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import type { Decision } from '#shared/decision.ts';
import type { Stop } from '#shared/lifecycle.ts';
import { readAll } from '#shared/log/follow.ts';
import type { EventLog } from '#shared/log/log.ts';
import { topicSpecs } from '#shared/log/topics.ts';
import { silentLogger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import { startPosture } from '../../../../services/posture/main.ts';
import { type PostureSettings, postureSettings } from '../../../../services/posture/settings.ts';
import { embeddedPlace, type LogPlace } from '../../../support/logs.ts';
import { postureStore } from '../../../support/posture-store.ts';
import { waitUntil } from '../../../support/wait-until.ts';

const failures: unknown[] = [];
const dayMs = 86_400_000;
let shop: Awaited<ReturnType<typeof postureStore>>;
let place: LogPlace;
let log: EventLog;
let folder: string;
let stop: Stop = async () => {};

beforeAll(async () => {
  shop = await postureStore();
});
afterAll(() => shop.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'amiss-files-'));
  place = await embeddedPlace();
  log = await place.open();
  await log.ensureTopics(topicSpecs({ partitions: 1, retentionMs: 0, retentionBytes: 0 }));
});
afterEach(async () => {
  await stop();
  await log.close();
  await place.dispose();
  rmSync(folder, { recursive: true, force: true });
  expect(failures).toEqual([]);
});

async function start(more: Partial<PostureSettings>): Promise<void> {
  const context = {
    log,
    clock: systemClock,
    logger: silentLogger,
    metrics: createMetrics(),
    fail: (error: unknown) => void failures.push(error),
  };
  const defaults = Create(postureSettings) as PostureSettings;
  stop = await startPosture(context, { ...defaults, files_every_seconds: 1, ...more }, shop.store);
}

async function records<T>(topic: string): Promise<readonly T[]> {
  const found: T[] = [];
  await readAll(log, { topic, partition: 0 }, ({ value }) => void found.push(JSON.parse(value.toString())));
  return found;
}
const decisions = (kind: string) =>
  records<Decision>('decisions').then((all) => all.filter((decision) => decision.kind === kind));
const write = (name: string, text: string, ageSeconds = 0) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  const at = Date.now() / 1000 - ageSeconds;
  utimesSync(path, at, at);
  return path;
};

test('a policy file is in force soon after it was written, and again after each change', async () => {
  const policyFile = write('policy.yaml', 'version: 1\nzones: {default: watched}', 60);
  await start({ policy_file: policyFile });
  await waitUntil('the first policy', async () => (await decisions('policy')).length === 1);
  write('policy.yaml', 'version: 1\nzones: {default: denied}', -60);
  await waitUntil('the second policy', async () => (await decisions('policy')).length === 2);
  expect(
    (await decisions('policy')).map(({ body }) => (body as { zones: { default: string } }).zones.default),
  ).toEqual(['watched', 'denied']);
});

test('what somebody decided after the file was written stays', async () => {
  const policyFile = write('policy.yaml', 'version: 1\nzones: {default: watched}', 3600);
  const key = 'policy/default';
  const decision = {
    id: '1',
    key,
    kind: 'policy',
    time: Date.now(),
    space: 'default',
    by: 'ada',
    reason: '',
  };
  await log.append('decisions', [{ key, value: JSON.stringify({ ...decision, body: { version: 1 } }) }]);
  const registryFile = write('agents.yaml', 'agents: [{agent: web}]');
  await start({ policy_file: policyFile, registry_file: registryFile });
  await waitUntil(
    'the registry, which is read after the policy',
    async () => (await decisions('agent')).length === 1,
  );
  expect((await decisions('policy')).map(({ by }) => by)).toEqual(['ada']);
});

test('an agent that is no longer in the file is taken back; a file with a fault decides nothing', async () => {
  const registryFile = write('agents.yaml', 'agents: [{agent: web, zone: dmz}, {agent: db}]');
  await start({ registry_file: registryFile });
  await waitUntil('both agents', async () => (await decisions('agent')).length === 2);
  write('agents.yaml', 'agents: [{agent: web, zone: 7}]', -60);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(await decisions('agent')).toHaveLength(2);
  write('agents.yaml', 'agents: [{agent: web, zone: dmz}]', -120);
  await waitUntil('db gone', async () => (await decisions('agent')).length === 3);
  expect((await decisions('agent')).at(-1)).toMatchObject({ key: 'agent/db', body: null });
});

test('a file of roles is in force under its own name', async () => {
  const text = 'roles: [{name: reader, grants: [{to: [shop]}]}]\nbindings: [{role: reader, agents: [web]}]';
  await start({ roles_files: [write('payments.yaml', text)] });
  await waitUntil('the roles', async () => (await decisions('roles')).length === 1);
  expect((await decisions('roles'))[0]).toMatchObject({
    key: 'roles/default/payments',
    body: { roles: [{ grants: [{ to: ['shop'], actions: ['*'] }] }] },
  });
});

test('advisories of a folder become decisions', async () => {
  write('osv.json', JSON.stringify({ vulns: [{ id: 'OSV-1', affected: [{ package: { name: 'web' } }] }] }));
  await start({ advisories: folder });
  await waitUntil('the advisory', async () => (await decisions('advisory')).length === 1);
  expect((await decisions('advisory'))[0]?.key).toBe('advisory/OSV-1');
});

test('a space is assessed when it is due, and not again before the next due date', async () => {
  await log.append('decisions', [overdue(Date.now() - 91 * dayMs)]);
  await start({});
  await waitUntil('the assessment', async () => (await decisions('assessment')).length === 2);
  await stop();
  await start({});
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(await decisions('assessment')).toHaveLength(2);
});

test('an assessment that nobody makes is told as overdue, once', async () => {
  await log.append('decisions', [overdue(Date.now() - 100 * dayMs)]);
  await start({ is_automatic: false });
  await waitUntil('the signal', async () => (await records('signals')).length === 1);
  await stop();
  await start({ is_automatic: false });
  await waitUntil('its repeat', async () => (await records('signals')).length === 2);
  const signals = await records<{ id: string; evidence: { sentence: string }[] }>('signals');
  expect(new Set(signals.map(({ id }) => id)).size).toBe(1);
  expect(signals[0]?.evidence[0]?.sentence).toMatch(/was due to be assessed on \d{4}-\d\d-\d\d/);
});

test('what no event shows by itself is told as a signal', async () => {
  const at = (hoursAgo: number, source_version: string) => ({
    time: Date.now() - hoursAgo * 3_600_000,
    source: 'mail',
    source_version,
  });
  await shop.put([at(40, '1'), at(2, '1'), at(39, '2'), at(1, '2')]);
  await start({});
  await waitUntil('the signal', async () => (await records('signals')).length === 1);
  expect((await records('signals'))[0]).toMatchObject({ agent: 'mail', p: 1e-4, score: 4 });
});

function overdue(at: number): { key: string; value: string } {
  const key = 'assessment/default';
  const body = { at, score: 50, days: 90, measures: {} };
  const decision = {
    id: '1',
    key,
    kind: 'assessment',
    time: at,
    space: 'default',
    by: 'amiss',
    reason: 'due',
    body,
  };
  return { key, value: JSON.stringify(decision) };
}
