import type { Command } from 'commander';
import { environmentName, maskSecrets } from '#shared/config.ts';
import { settingsSchema } from '../settings.ts';
import { settingsOf } from './options.ts';

/** `amiss config check` and `amiss config print`. */
export function addConfigCommands(program: Command): void {
  const config = program.command('config').description('check and show the configuration');
  config
    .command('check')
    .description('say whether the configuration is valid, and what is wrong where it is not')
    .action((_options: unknown, command: Command) => {
      settingsOf(command);
      process.stdout.write('the configuration is valid\n');
    });
  config
    .command('print')
    .description('print every setting in force, secrets masked, with the variable that overrides it')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }, command: Command) => {
      const settings = maskSecrets(settingsSchema, settingsOf(command));
      process.stdout.write(
        options.json ? `${JSON.stringify(settings, null, 2)}\n` : `${lines(settings, '').join('\n')}\n`,
      );
    });
}

function lines(settings: Record<string, unknown>, prefix: string): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const key = prefix + name;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return lines(value as Record<string, unknown>, `${key}.`);
    }
    return [`${key}: ${JSON.stringify(value)}  # ${environmentName(key)}`];
  });
}
