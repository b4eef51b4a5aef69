import type { Command } from 'commander';
import type { AnalystMove, Containment } from '#shared/containment.ts';
import { apiClientOf, withApiOptions } from './api-client.ts';
import { tableText } from './table.ts';

interface SpaceOptions {
  readonly space: string;
  readonly json?: boolean;
}

const moves: readonly (readonly [name: string, move: AnalystMove, description: string])[] = [
  ['approve', 'approved', 'isolate the agent: calls the endpoint, until it is undone or expires'],
  ['decline', 'declined', 'do not isolate the agent'],
  ['undo', 'undone', 'release the agent again'],
];

/** `amiss containment list|approve|decline|undo`. */
export function addContainmentCommands(program: Command): void {
  const containment = program.command('containment').description('isolations that alerts ask for');
  withApiOptions(containment.command('list'))
    .description('list isolations, newest first')
    .option('--space <name>', 'tenant', 'default')
    .option('--json', 'as JSON with their manifests, one a line')
    .action(list);
  for (const [name, move, description] of moves) {
    withApiOptions(containment.command(name))
      .description(description)
      .argument('<alert>', 'id of the alert that asked for it')
      .option('--reason <text>', 'kept with the decision', '')
      .action(async (alert: string, { reason }: { readonly reason: string }, command: Command) => {
        const path = `/containments/${encodeURIComponent(alert)}`;
        const { body } = await apiClientOf(command).send<{ readonly body: Containment }>('POST', path, {
          move,
          reason,
        });
        process.stdout.write(`${body.agent}: ${body.state}\n`);
      });
  }
}

async function list({ space, json }: SpaceOptions, command: Command): Promise<void> {
  const path = `/containments?${new URLSearchParams({ space })}`;
  const { items } = await apiClientOf(command).get<{ readonly items: readonly Containment[] }>(path);
  if (json) for (const item of items) process.stdout.write(`${JSON.stringify(item)}\n`);
  else if (items.length === 0) process.stderr.write('no isolations\n');
  else process.stdout.write(tableText([heading, ...items.map(rowOf)]));
}

const heading = ['alert', 'state', 'agent', 'severity', 'until', 'why'];

function rowOf({ alert, state, agent, severity, expires_at, title, reason }: Containment): readonly string[] {
  const until =
    state === 'active' && expires_at !== null ? new Date(expires_at).toISOString().slice(0, 16) : '';
  return [alert, state, agent, String(severity), until, reason === '' ? title : `${title} (${reason})`];
}
