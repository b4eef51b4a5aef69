import { mkdtempSync, rmSync } from 'node:fs';
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

/** `amiss demo`: the whole product on a temporary data folder, with real traffic. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'replay real traffic through a temporary Amiss and show the alerts and webhooks as they come',
    )
    .action(async () => {
      const interrupt = new AbortController();
      process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
      const { signal } = interrupt;
      process.exitCode = await runDemo({
        startSystem: startDemo,
        clock: systemClock,
        out: process.stdout,
        signal,
      });
    });
}

async function startDemo(webhook: DemoWebhook): Promise<DemoSystem> {
  const data = mkdtempSync(join(tmpdir(), 'amiss-demo-'));
  // Nothing of the operator's own configuration: the demo is the same everywhere.
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
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => undefined); // seen by whoever waits for it
  const logger = createLogger(settings.log_level, 'demo');
  const system = await startSystem(settings, {
    names: serviceNames,
    version,
    clock: systemClock,
    logger,
    fail: reject,
  });
  return {
    url: system.address,
    token: system.adminToken?.value ?? '',
    failed,
    stop: async () => {
      await system.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
