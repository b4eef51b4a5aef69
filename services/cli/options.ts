import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { loadConfig } from '#shared/config.ts';
import { createLogger, type Logger } from '#shared/logger.ts';
import { type Settings, settingsSchema } from '../settings.ts';

interface GlobalOptions {
  readonly config?: string;
  readonly data?: string;
  readonly listen?: string;
  readonly logLevel?: string;
}

/** The settings of this call: defaults, file, environment, then the command line. */
export function settingsOf(command: Command): Settings {
  const options = command.optsWithGlobals<GlobalOptions>();
  const file =
    options.config ?? process.env['AMISS_CONFIG'] ?? (existsSync('amiss.yaml') ? 'amiss.yaml' : undefined);
  return loadConfig(settingsSchema, {
    file,
    environment: process.env,
    overrides: { data: options.data, listen: options.listen, log_level: options.logLevel },
  });
}

/** The logger of a command that runs a service. */
export function loggerOf(settings: Settings, service: string): Logger {
  return createLogger(settings.log_level, service);
}
