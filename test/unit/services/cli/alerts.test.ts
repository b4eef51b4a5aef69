import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { addAlertCommands } from '../../../../services/cli/alerts.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** What a command asks an API that has no alerts. */
async function asked(...words: readonly string[]): Promise<readonly string[]> {
  const urls: string[] = [];
  const server = createServer((request, response) => {
    urls.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ items: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  const program = new Command();
  addAlertCommands(program);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await program.parseAsync(['node', 'amiss', 'alerts', ...words, '--api', url, '--token', 'secret']);
  return urls;
}

test('alerts are asked of a space, and of the default one where none is named', async () => {
  expect(await asked()).toEqual(['/api/v1/alerts?limit=20&space=default']);
  expect(await asked('--space', 'recorded', '--agent', 'web')).toEqual([
    '/api/v1/alerts?limit=20&space=recorded&agent=web',
  ]);
});

test('one alert is asked of its space', async () => {
  expect(await asked('show', 'a/b', '--space', 'recorded')).toEqual(['/api/v1/alerts/a%2Fb?space=recorded']);
});
