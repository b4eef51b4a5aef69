import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Command, Option } from 'commander';
import { apiClientOf, withApiOptions } from './api-client.ts';
import { readText } from './read-text.ts';

interface SpaceOptions {
  readonly space: string;
}

interface EditOptions extends SpaceOptions {
  readonly reason: string;
  readonly dryRun?: boolean;
}

interface WhatIfOptions extends SpaceOptions {
  readonly days: string;
}

interface ExportOptions extends WhatIfOptions {
  readonly form: string;
  readonly of: string;
  readonly out: string;
}

interface ExportAnswer {
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly would_have: { readonly calls: number; readonly denied: number };
}

/** `amiss policy show|apply|learned|what-if|export`. */
export function addPolicyCommands(program: Command): void {
  const policy = program.command('policy').description('read, change, try and export the policy of a space');
  const add = (name: string, description: string) =>
    withApiOptions(
      policy.command(name).description(description).option('--space <name>', 'tenant', 'default'),
    );
  add('show', 'print the policy in force, as JSON').action(
    async (options: SpaceOptions, command: Command) => {
      print(await apiClientOf(command).get(pathOf(options)));
    },
  );
  add('apply', 'replace the policy; prints what changes')
    .argument('<file>', 'policy.yaml')
    .option('--reason <text>', 'kept with the decision', '')
    .option('--dry-run', 'only print what would change')
    .action(async (file: string, options: EditOptions, command: Command) => {
      const body = { policy: readText(file), reason: options.reason, is_dry_run: options.dryRun === true };
      print(await apiClientOf(command).send('PUT', pathOf(options), body));
    });
  add('learned', 'print the matrix of zones as traffic shows it')
    .option('--days <n>', 'how far back', '30')
    .action(async (options: WhatIfOptions, command: Command) => {
      print(await apiClientOf(command).get(`${pathOf(options)}/learned?days=${options.days}`));
    });
  add('what-if', 'tell which calls of the last days a policy would have denied')
    .argument('[file]', 'policy.yaml; the policy in force when none is given')
    .option('--days <n>', 'how far back', '30')
    .action(async (file: string | undefined, options: WhatIfOptions, command: Command) => {
      const body = { days: Number(options.days), ...(file !== undefined && { policy: readText(file) }) };
      print(await apiClientOf(command).send('POST', `${pathOf(options)}/what-if`, body));
    });
  add('export', 'write the policy for something that enforces it')
    .addOption(new Option('--form <name>', 'kubernetes, cilium, istio or rego').makeOptionMandatory())
    .addOption(new Option('--of <which>').choices(['intended', 'learned']).default('intended'))
    .option('--days <n>', 'of traffic to learn from and to try it on', '30')
    .option('--out <dir>', 'where to write the files', '.')
    .action(async (options: ExportOptions, command: Command) => exportPolicy(options, command));
}

async function exportPolicy(options: ExportOptions, command: Command): Promise<void> {
  const query = new URLSearchParams({ of: options.of, days: options.days });
  const path = `${pathOf(options)}/exports/${encodeURIComponent(options.form)}?${query}`;
  const { files, would_have: past } = await apiClientOf(command).get<ExportAnswer>(path);
  mkdirSync(options.out, { recursive: true });
  for (const { name, text } of files) {
    const target = join(options.out, basename(name)); // a server never decides where files go
    writeFileSync(target, text);
    process.stdout.write(`${target}\n`);
  }
  process.stdout.write(`would have denied ${past.denied} of ${past.calls} calls in ${options.days} days\n`);
}

const pathOf = ({ space }: SpaceOptions) => `/policies/${encodeURIComponent(space)}`;

function print(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
}
