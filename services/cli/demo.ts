import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '#shared/clock.ts';
import { loadConfig } from '#shared/config.ts';
import { createLogger } from '#shared/logger.ts';
import { type DemoSystem, type DemoWebhook, runDemo } from '../demo/main.ts';
import { settingsSchema } from '../settings.ts';
import { serviceNames, startSystem } from '../system.ts';
import { version } from './version.ts';

/** `amiss demo`: everything in this process on a temporary data folder, and a recording to look at. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('replay nine days of a real network and watch the alerts arrive, signed')
    .action(async () => {
      const ending = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
      const data = await mkdtemp(join(tmpdir(), 'amiss-demo-'));
      try {
        process.exitCode = await runDemo({
          startSystem: (webhook) => startDemoSystem(data, webhook),
          clock: systemClock,
          out: process.stdout,
          signal: ending.signal,
        });
      } finally {
        await rm(data, { recursive: true, force: true });
      }
    });
}

/** Defaults but for the folder, a free port and the webhook: what the environment says is not for the demo. */
async function startDemoSystem(data: string, webhook: DemoWebhook): Promise<DemoSystem> {
  const settings = loadConfig(settingsSchema, {
    file: undefined,
    environment: {},
    overrides: {
      data,
      listen: '127.0.0.1:0',
      log_level: 'warn',
      'notifier.webhooks': [webhook],
      'notifier.allow_addresses': ['127.0.0.1'],
    },
  });
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined); // whoever waits for it is told; nobody may
  const system = await startSystem(settings, {
    names: serviceNames,
    version,
    clock: systemClock,
    logger: createLogger(settings.log_level, 'amiss'),
    fail: failure.reject,
  });
  const token = system.adminToken?.value ?? '';
  return { url: system.address, token, failed: failure.promise, stop: system.stop };
}
