import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Alert } from '#shared/alert.ts';
import { systemClock } from '#shared/clock.ts';
import { runDrill } from '../../services/drill/main.ts';
import { simulate } from '../../services/simulator/simulate.ts';
import { type AmissProcess, newDataFolder, removeData, startAmiss } from '../support/amiss-process.ts';
import { waitUntil } from '../support/wait-until.ts';

// What an architect does, on one running process: policy, advisories, due dates.
const data = newDataFolder();
const advisories = join(data, 'osv');
const dayMs = 86_400_000;
const liveMsMax = 10_000; // within which an edit of the policy has to show, from the call to the alert
let amiss: AmissProcess;

const start = () =>
  startAmiss({
    command: 'up',
    data,
    environment: { AMISS_POSTURE_ADVISORIES: advisories, AMISS_POSTURE_IS_AUTOMATIC: 'false' },
  });
const send = async <T>(method: string, path: string, body: unknown): Promise<T> => {
  const response = await fetch(`${amiss.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${amiss.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as T;
};
const call = async (fields: object) => {
  const event = { time: Date.now(), source: 'web', destination: 'db', ...fields };
  const response = await fetch(`${amiss.url}/v1/ingest`, { method: 'POST', body: JSON.stringify(event) });
  expect(response.status).toBe(200);
};
const alertOf = async (detector: string) => {
  const { items } = await amiss.api<{ readonly items: readonly Alert[] }>(`/alerts?detector=${detector}`);
  return items[0];
};

const cli = new URL('../../services/cli.ts', import.meta.url).pathname;
const run = async (...words: readonly string[]) => {
  const where = ['--api', amiss.url, '--token', amiss.token()];
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...words, ...where]);
  return stdout;
};

beforeAll(async () => {
  const affected = [{ package: { name: 'web' }, versions: ['1.0'] }];
  mkdirSync(advisories);
  writeFileSync(join(advisories, 'web.json'), JSON.stringify({ id: 'OSV-2026-1', affected }));
  amiss = await start();
});
afterAll(async () => {
  await amiss.end('SIGTERM');
  removeData(data);
});

test('an edit of the policy is tried, then live within ten seconds without a restart, and audited', async () => {
  const zones = { source_zone: 'dmz', destination_zone: 'data', source_version: '1.0' };
  const policy = { version: 1, zones: { rules: [{ from: ['dmz'], to: ['data'], verdict: 'denied' }] } };
  await call(zones);
  const dry = await send('PUT', '/policies/default', { policy, is_dry_run: true });
  expect(dry).toMatchObject({ changes: [{ key: 'zones.rules' }] });
  expect(await amiss.api('/policies/default')).toMatchObject({ zones: { rules: [] } });

  const began = Date.now();
  await send('PUT', '/policies/default', { policy, reason: 'nothing calls the data directly' });
  await waitUntil('the alert', async () => {
    await call(zones);
    return (await alertOf('forbidden-crossing')) !== undefined;
  });
  expect(Date.now() - began).toBeLessThan(liveMsMax);
  expect(await alertOf('forbidden-crossing')).toMatchObject({
    agent: 'web',
    sentence: expect.stringMatching(/web \(dmz\) called db \(data\): denied by rule 0/),
  });

  const { items } = await amiss.api<{ items: readonly object[] }>('/decisions?key=policy/default');
  expect(items).toMatchObject([{ by: 'admin', reason: 'nothing calls the data directly', body: policy }]);
});

test('an advisory of a folder is held against the versions that run', async () => {
  await waitUntil('the advisory', async () => {
    const { findings } = await amiss.api<{ findings: readonly object[] }>('/versions');
    return findings.length > 0;
  });
  expect(await amiss.api('/versions')).toMatchObject({
    findings: [{ kind: 'vulnerable', agent: 'web', version: '1.0', advisories: [{ id: 'OSV-2026-1' }] }],
  });
});

test('the command line declares, imports, lists and holds grants against their use', async () => {
  expect(await run('registry', 'set', 'web', '--zone', 'dmz', '--owner', 'shop team')).toContain(
    '"zone": "dmz"',
  );
  const roles = join(data, 'roles.yaml');
  writeFileSync(
    roles,
    'roles: [{ name: reader, grants: [{ to: [db] }, { to: [vault] }] }]\nbindings: [{ role: reader, agents: [web] }]',
  );
  expect(await run('registry', 'import', '--kind', 'roles', '--name', 'iam', roles)).toBe(
    'imported  roles/iam\n1 imported, 0 removed, 0 unchanged, 0 skipped\n',
  );
  await waitUntil('the grants', async () => (await run('registry', 'grants')).includes('vault'));
  expect(await run('registry', 'grants', '--unused-days', '1')).toMatch(
    /^web +reader +iam +vault +never +all of it$/m,
  );
  expect(await run('registry', 'list')).toMatch(
    /^web +registered +dmz \(declared\) +shop team \(declared\) +1\.0 /m,
  );
  expect(await run('versions', 'list')).toMatch(/^vulnerable +web +1\.0 +OSV-2026-1$/m);
});

test('an assessment that nobody makes is an alert once it is overdue, also after a restart', async () => {
  const body = { at: Date.now() - 100 * dayMs, score: 50, days: 90, measures: {} };
  await send('POST', '/decisions', { key: 'assessment/default', body });
  await amiss.end('SIGTERM');
  amiss = await start();
  await waitUntil('the alert', async () => (await alertOf('assessment-overdue')) !== undefined);
  expect(await alertOf('assessment-overdue')).toMatchObject({
    title: 'amiss: assessment overdue',
    sentence: expect.stringContaining('run `amiss assess --space default`'),
  });
  expect(await amiss.api('/policies/default')).toMatchObject({ zones: { rules: [{ verdict: 'denied' }] } });
});

test('a drill runs through the live pipeline in a space of its own, and leaves nothing declared', async () => {
  const start = Math.floor(Date.now() / dayMs) * dayMs - 6 * dayMs;
  const attacks = ['shadow-agent'];
  const report = await runDrill({
    url: amiss.url,
    token: amiss.token(),
    space: 'drill-1',
    lagMax: 0,
    traffic: simulate({ agents: 20, days: 6, seed: 1, attacks, start }),
    clock: systemClock,
    signal: AbortSignal.timeout(100_000),
  });
  expect(report.results).toMatchObject([{ attack: 'shadow-agent', is_detected: true }]);
  expect(report.results[0]?.detectors).toContain('shadow-agent');

  const { items } = await amiss.api<{ items: readonly Alert[] }>('/alerts');
  expect(items.filter(({ space }) => space !== 'default')).toEqual([]);
  await waitUntil('the declarations gone', async () => {
    const agents = await amiss.api<{ items: readonly { is_registered: boolean }[] }>(
      '/registry?space=drill-1',
    );
    return agents.items.length > 0 && agents.items.every((agent) => !agent.is_registered);
  });
});
