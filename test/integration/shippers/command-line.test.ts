import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type LogFolder,
  openLogFolder,
  type RunningCollector,
  startTestCollector,
} from '../../support/collector.ts';
import { waitUntil } from '../../support/wait-until.ts';

// The commands as a person starts them, beside a collector.
let log: LogFolder;
let collector: RunningCollector;
const folder = mkdtempSync(join(tmpdir(), 'command-line-'));
const cli = new URL('../../../services/cli.ts', import.meta.url).pathname;

beforeAll(async () => {
  log = await openLogFolder();
  collector = await startTestCollector(log);
});
afterAll(async () => {
  await collector.stop();
  await log.close();
  rmSync(folder, { recursive: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Asks it to end and resolves with the exit code. */
  readonly end: () => Promise<unknown>;
}

function amiss(...words: readonly string[]): Running {
  const child = spawn(process.execPath, [cli, ...words, '--data', folder, '--log-level', 'silent'], {
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const ended = once(child, 'exit');
  return {
    child,
    output: () => output,
    end: async () => {
      child.kill('SIGTERM');
      return (await ended)[0];
    },
  };
}

const lineOf = (source: string) => `${JSON.stringify({ source, destination: 'orders', time: 1735689600 })}\n`;
const sources = async () => (await collector.events()).map(({ source }) => source).sort();
const arrived = (name: string) => waitUntil(name, async () => (await sources()).includes(name));

test('tail follows a file over its rotation, and a later start goes on where the first one ended', async () => {
  const file = join(folder, 'app.log');
  const follow = () => amiss('tail', join(folder, '*.log'), '--to', collector.address);
  writeFileSync(file, lineOf('tail-1'));
  const first = follow();
  await arrived('tail-1');
  appendFileSync(file, lineOf('tail-2'));
  renameSync(file, `${file}.1`);
  writeFileSync(file, lineOf('tail-3'));
  await arrived('tail-3');
  expect(await first.end()).toBe(0);
  appendFileSync(file, lineOf('tail-4'));
  const second = follow();
  await arrived('tail-4');
  expect(await second.end()).toBe(0);
  expect((await sources()).filter((name) => name.startsWith('tail-'))).toEqual([
    'tail-1',
    'tail-2',
    'tail-3',
    'tail-4',
  ]);
});

test('observe passes a call on unchanged and tells of it without its arguments', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const running = amiss(
    'observe',
    upstream,
    ...[
      '--at',
      '127.0.0.1:0',
      '--to',
      collector.address,
      '--source',
      'observe-caller',
      '--destination',
      'mail',
    ],
  );
  await waitUntil('the proxy', async () => running.output().includes('observing'));
  const [, url = ''] = / at (\S+)/.exec(running.output()) ?? [];
  const params = { name: 'send', arguments: { body: 'a private word' } };
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  expect(await answer.json()).toEqual({ jsonrpc: '2.0', id: 1, result: { content: [] } });
  await arrived('observe-caller');
  const event = (await collector.events()).find(({ source }) => source === 'observe-caller');
  expect(event).toMatchObject({
    destination: 'mail',
    action: 'tools/call:send',
    protocol: 'mcp',
    outcome: 'success',
  });
  expect(JSON.stringify(event)).not.toContain('private');
  expect(await running.end()).toBe(0);
  server.close();
});
