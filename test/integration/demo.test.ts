import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

// The demo as a newcomer runs it, on whatever machine this is.
const root = new URL('../..', import.meta.url).pathname;

test('the demo finds alerts, checks its signed webhooks, sums up and ends with 0', async () => {
  const child = spawn(process.execPath, ['services/cli.ts', 'demo'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  expect(errors).toBe('');
  expect(out).toMatch(/observed [\d,.]+ .*, expected [\d,.]+/);
  expect(out).toContain('webhook received, signature genuine: anomaly.alert.created');
  expect(out).toContain('267,711 accepted, 0 rejected');
  const first = /the first after ([\d.]+) s/.exec(out)?.[1];
  expect(Number(first)).toBeLessThan(60);
  expect(out).toContain('Everything arrived.');
  expect(out).not.toContain('\u001b'); // plain where it is not a terminal
  expect(code).toBe(0);
}, 240_000);

test('an interrupted demo ends at once and leaves nothing running', async () => {
  const child = spawn(process.execPath, ['services/cli.ts', 'demo'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => chunk.includes('Receiver') && resolve());
  });
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  const [code, signal] = await exited;
  expect({ code, signal }).toEqual({ code: 130, signal: null });
}, 120_000);
