import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAdvisories } from '#shared/registry/read-advisories.ts';

const advisory = (id: string) => ({ id, affected: [{ package: { name: 'web' } }] });
const answers: Readonly<Record<string, readonly [status: number, body: string]>> = {
  '/one': [200, JSON.stringify(advisory('OSV-1'))],
  '/list': [200, JSON.stringify([advisory('OSV-1'), { id: 7 }])],
  '/vulns': [200, JSON.stringify({ vulns: [advisory('OSV-1'), advisory('OSV-2')] })],
  '/gone': [404, ''],
  '/text': [200, 'no JSON'],
};
let server: Server;
let url: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'amiss-osv-'));
  server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [500, ''];
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['/one', ['OSV-1'], 0],
  ['/list', ['OSV-1'], 1],
  ['/vulns', ['OSV-1', 'OSV-2'], 0],
  ['/gone', [], 1],
  ['/text', [], 1],
])('of a URL that answers %s the records are read and the rest is told', async (path, ids, faults) => {
  const read = await readAdvisories(url + path);
  expect(read.advisories.map(({ id }) => id)).toEqual(ids);
  expect(read.faults).toHaveLength(faults);
});

test('a folder is read with its subfolders, and a bad file spoils no other', async () => {
  mkdirSync(join(folder, 'npm'));
  writeFileSync(join(folder, 'npm', 'a.json'), JSON.stringify(advisory('OSV-1')));
  writeFileSync(join(folder, 'b.json'), '{');
  writeFileSync(join(folder, 'readme.txt'), 'not read');
  const read = await readAdvisories(folder);
  expect(read.advisories.map(({ id }) => id)).toEqual(['OSV-1']);
  expect(read.faults).toEqual([expect.stringMatching(/^b\.json: is not JSON/)]);
});

test('a place that is not there is a fault, not an exception', async () => {
  expect((await readAdvisories(join(folder, 'missing'))).faults).toHaveLength(1);
});
