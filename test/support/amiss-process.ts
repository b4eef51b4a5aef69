import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** A real `amiss` process on loopback. */
export interface AmissProcess {
  readonly url: string;
  readonly data: string;
  readonly pid: number;
  isRunning(): boolean;
  /** What it has printed so far, both streams. */
  output(): string;
  /** The admin token in its data folder. */
  token(): string;
  /** Asks the API below `/api/v1`. */
  api<T>(path: string): Promise<T>;
  /** Sends a signal and resolves with the exit code, `null` after a kill. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface AmissProcessOptions {
  /** `up`, `scorer`, ... */
  readonly command: string;
  /** `AMISS_*` variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A data folder that an earlier process left; a new one otherwise. */
  readonly data?: string;
  readonly listen?: string;
}

const startMsMax = 60_000;
const cli = new URL('../../services/cli.ts', import.meta.url).pathname;

/** A new data folder; the caller removes it. */
export function newDataFolder(): string {
  return mkdtempSync(join(tmpdir(), 'amiss-process-'));
}

/** Starts `amiss` and waits until it is ready. */
export async function startAmiss(options: AmissProcessOptions): Promise<AmissProcess> {
  const data = options.data ?? newDataFolder();
  const listen = options.listen ?? `127.0.0.1:${await freePort()}`;
  const child = spawn(process.execPath, [cli, options.command, '--data', data, '--listen', listen], {
    env: { PATH: process.env['PATH'] ?? '', AMISS_LOG_LEVEL: 'warn', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = `http://${listen}`;
  await untilReady(child, url, () => output);
  const token = () => readFileSync(join(data, 'admin-token'), 'utf8').trim();
  return {
    url,
    data,
    pid: child.pid ?? 0,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    output: () => output,
    token,
    api: async <T>(path: string) => {
      const response = await fetch(`${url}/api/v1${path}`, {
        headers: { authorization: `Bearer ${token()}` },
      });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exited = once(child, 'exit');
      child.kill(signal);
      const [code] = (await exited) as [number | null];
      return code;
    },
  };
}

async function untilReady(child: ChildProcess, url: string, output: () => string): Promise<void> {
  const deadline = Date.now() + startMsMax;
  for (;;) {
    const isReady = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`amiss did not start:\n${output()}`);
    }
    await pause(100);
  }
}

/** Removes a data folder. */
export function removeData(data: string): void {
  rmSync(data, { recursive: true, force: true });
}
