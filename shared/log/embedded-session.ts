import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';

/**
 * The sign of life of one open log: a file that it touches. Members of groups live as long as their session does.
 * Sessions are between processes, so they go by the machine's clock, whatever clock the records have.
 */
export interface Session {
  readonly id: string;
  /** Whether another session is alive: its process exists and it has touched its file in time. */
  isAlive(id: string): Promise<boolean>;
  close(): Promise<void>;
}

const touchesPerLease = 5;

/**
 * @param folder of the log
 * @param leaseMs silence after which a session counts as dead; the death of a whole process shows at once
 */
export async function openSession(folder: string, leaseMs: number): Promise<Session> {
  const sessions = join(folder, 'sessions');
  await mkdir(sessions, { recursive: true });
  const id = randomUUID();
  const file = join(sessions, id);
  await writeFile(file, processIdentity(process.pid) ?? '');
  const touch = async () => {
    const now = systemClock.now() / 1000;
    await utimes(file, now, now).catch(() => writeFile(file, processIdentity(process.pid) ?? ''));
  };
  // A failed touch shows in the age of the file, which is what the others judge by.
  const timer = setInterval(() => touch().catch(() => undefined), leaseMs / touchesPerLease);
  return {
    id,
    isAlive: async (other) => other === id || isSessionAlive(sessions, other, leaseMs),
    close: async () => {
      clearInterval(timer);
      await rm(file, { force: true });
    },
  };
}

async function isSessionAlive(sessions: string, id: string, leaseMs: number): Promise<boolean> {
  const file = join(sessions, id);
  try {
    const [identity, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    if (systemClock.now() - mtimeMs <= leaseMs && !isGone(identity)) return true;
    await rm(file, { force: true });
    return false;
  } catch {
    return false; // closed, or cleared away by another one who found it dead
  }
}

/** Host, process id and its start: a number that was given to another process later is told apart. */
function processIdentity(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
    const startedTicks = fields?.[19]; // field 22 of proc_pid_stat(5): start time after boot
    return `${hostname()} ${pid} ${startedTicks}`;
  } catch {
    return undefined;
  }
}

function isGone(identity: string): boolean {
  const [host, pid] = identity.split(' ');
  // Without /proc, or on another host, only the lease tells.
  if (host !== hostname() || processIdentity(process.pid) === undefined) return false;
  return processIdentity(Number(pid)) !== identity;
}
