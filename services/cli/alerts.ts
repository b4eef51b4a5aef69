import type { Command } from 'commander';
import type { Alert } from '#shared/alert.ts';
import { apiClientOf, withApiOptions } from './api-client.ts';

interface ListOptions {
  readonly limit: string;
  readonly space: string;
  readonly agent?: string;
  readonly severityMin?: string;
  readonly json?: boolean;
}

/** `amiss alerts` and `amiss alerts show ID`. */
export function addAlertCommands(program: Command): void {
  const alerts = withApiOptions(program.command('alerts'))
    .description('list the alerts of a running Amiss, newest first')
    .option('--limit <n>', 'how many', '20')
    .option('--space <name>', 'tenant', 'default')
    .option('--agent <id>', 'only about this agent')
    .option('--severity-min <n>', 'only of this severity or above')
    .option('--json', 'as JSON, one alert a line')
    .action(async (options: ListOptions, command: Command) => {
      const query = new URLSearchParams({ limit: options.limit, space: options.space });
      if (options.agent !== undefined) query.set('agent', options.agent);
      if (options.severityMin !== undefined) query.set('severity_min', options.severityMin);
      const { items } = await apiClientOf(command).get<{ readonly items: readonly Alert[] }>(
        `/alerts?${query}`,
      );
      for (const alert of items)
        process.stdout.write(`${options.json ? JSON.stringify(alert) : lineOf(alert)}\n`);
      if (items.length === 0) process.stderr.write('no alerts\n');
    });
  withApiOptions(alerts.command('show'))
    .description('show one alert with its evidence and sample events, as JSON')
    .argument('<id>', 'of the alert')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { space } = command.optsWithGlobals<ListOptions>();
      const query = new URLSearchParams({ space });
      const alert = await apiClientOf(command).get<unknown>(`/alerts/${encodeURIComponent(id)}?${query}`);
      process.stdout.write(`${JSON.stringify(alert, null, 2)}\n`);
    });
}

function lineOf(alert: Alert): string {
  const time = new Date(alert.time).toISOString().slice(0, 16).replace('T', ' ');
  return `${time}  ${String(alert.severity).padStart(3)}  ${alert.id}  ${alert.title}`;
}
