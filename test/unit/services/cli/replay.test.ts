import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Command } from 'commander';
import { afterEach, expect, test } from 'vitest';
import { addReplayCommand } from '../../../../services/cli/replay.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Replays lines to a collector that takes everything; the bodies that it was sent. */
async function replayed(lines: readonly string[], ...options: readonly string[]): Promise<string> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(gunzipSync(Buffer.concat(chunks)).toString());
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ accepted: 1, rejected: 0, duplicates: 0, errors: [] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  const folder = mkdtempSync(join(tmpdir(), 'amiss-replay-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'events.ndjson');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const program = new Command();
  addReplayCommand(program);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await program.parseAsync(['node', 'amiss', 'replay', file, '--to', url, ...options]);
  return bodies.join('');
}

test('events are sent as they were recorded', async () => {
  const line = '{"time":1,"source":"web","destination":"shop","space":"then"}';
  expect(await replayed([line])).toBe(`${line}\n`);
});

test('events go to the space that is asked for, whatever they say; what is no event goes as it is', async () => {
  const lines = ['{"source":"web","space":"then"}', '{"source":"shop"}', 'no event'];
  expect(await replayed(lines, '--space', 'recorded')).toBe(
    '{"source":"web","space":"recorded"}\n{"source":"shop","space":"recorded"}\nno event\n',
  );
});
