import { setTimeout as delay } from 'node:timers/promises';

const everyMs = 50;

/** Resolves when the condition holds. @throws {Error} naming what was waited for, after `withinMs` */
export async function waitUntil(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await delay(everyMs);
  }
}
