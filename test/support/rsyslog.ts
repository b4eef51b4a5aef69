import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const modules = '/usr/lib/x86_64-linux-gnu/rsyslog';

export interface RsyslogRun {
  /** What the file that rsyslog follows holds. */
  readonly lines: readonly string[];
  /** What its one ruleset does with each line. */
  readonly action: string;
  /** Modules, templates and global settings that the action needs. */
  readonly preamble?: string;
}

/** Runs rsyslog in the foreground over a file of lines until the work is done. */
export async function rsyslogOver(run: RsyslogRun, work: () => Promise<void>): Promise<void> {
  requireRsyslog('imfile', 'rsyslog');
  const folder = await mkdtemp(join(tmpdir(), 'rsyslog-'));
  const settings = join(folder, 'rsyslog.conf');
  await writeFile(join(folder, 'in.log'), run.lines.map((line) => `${line}\n`).join(''));
  await writeFile(
    settings,
    `global(workDirectory="${folder}" maxMessageSize="64k")\n${run.preamble ?? ''}\nmodule(load="imfile")
input(type="imfile" file="${folder}/in.log" tag="app:" ruleset="out")
ruleset(name="out") {\n${run.action}\n}\n`,
  );
  const child = spawn('/usr/sbin/rsyslogd', ['-n', '-f', settings, '-i', join(folder, 'pid')], {
    cwd: folder, // where omkafka keeps what it could not deliver
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  try {
    await work();
  } finally {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws {Error} naming the package to install: a shipper that is not tried is not supported */
export function requireRsyslog(module: string, packageName: string): void {
  if (!existsSync(join(modules, `${module}.so`))) {
    throw new Error(`rsyslog has no module ${module}: apt-get install ${packageName}`);
  }
}
