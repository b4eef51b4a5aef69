import { type Command, Option } from 'commander';
import { agentKinds } from '#shared/event.ts';
import type { GrantUse } from '#shared/posture/privilege.ts';
import type { Fact, RegisteredAgent } from '#shared/registry/agent.ts';
import { registryImports } from '#shared/registry/imports/index.ts';
import { apiClientOf, withApiOptions } from './api-client.ts';
import { readText } from './read-text.ts';
import { tableText } from './table.ts';

interface SpaceOptions {
  readonly space: string;
}

interface ListOptions extends SpaceOptions {
  readonly limit: string;
  readonly unregistered?: boolean;
  readonly json?: boolean;
}

interface SetOptions extends SpaceOptions {
  readonly kind?: string;
  readonly owner?: string;
  readonly zone?: string;
  readonly peerGroup?: string;
  readonly identity?: readonly string[];
  readonly shipper?: readonly string[];
  readonly runs?: readonly string[];
  readonly package?: readonly string[];
  readonly tool?: readonly string[];
  readonly retired?: boolean;
}

interface ImportOptions extends SpaceOptions {
  readonly kind: string;
  readonly name?: string;
  readonly agent?: string;
  readonly complete?: boolean;
  readonly dryRun?: boolean;
}

interface GrantOptions extends SpaceOptions {
  readonly agent?: string;
  readonly days: string;
  readonly unusedDays: string;
  readonly json?: boolean;
}

interface ImportAnswer {
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  readonly skipped: readonly string[];
  readonly skipped_count: number;
}

/** `amiss registry list|show|set|remove|import|grants`. */
export function addRegistryCommands(program: Command): void {
  const registry = program.command('registry').description('who there is, who says so, and who may do what');
  const add = (name: string, description: string) =>
    withApiOptions(
      registry.command(name).description(description).option('--space <name>', 'tenant', 'default'),
    );
  add('list', 'list every agent that was declared, imported or seen, by id')
    .option('--limit <n>', 'how many', '100')
    .option('--unregistered', 'only those that nobody declared')
    .option('--json', 'as JSON, one agent a line')
    .action(list);
  add('show', 'show one agent with the origin of each fact, as JSON')
    .argument('<agent>', 'its id')
    .action(async (agent: string, { space }: SpaceOptions, command: Command) => {
      print(
        await apiClientOf(command).get(
          `/registry/${encodeURIComponent(agent)}?${new URLSearchParams({ space })}`,
        ),
      );
    });
  addSet(add('set', 'declare an agent; replaces what was declared of it before'));
  add('remove', 'take back what was declared or imported of an agent')
    .argument('<agent>', 'its id')
    .option('--origin <name>', 'declared, a2a_card, spiffe or kubernetes', 'declared')
    .action(async (agent: string, { space, origin }: SpaceOptions & { origin: string }, command: Command) => {
      const query = new URLSearchParams({ space, origin });
      await apiClientOf(command).send('DELETE', `/registry/${encodeURIComponent(agent)}?${query}`);
      process.stdout.write(`removed   ${agent}\n`);
    });
  add('import', 'import agents or role lists from a file')
    .argument('<file>', 'JSON or YAML')
    .addOption(
      new Option(
        '--kind <name>',
        registryImports.map(({ name, summary }) => `${name} (${summary})`).join('; '),
      )
        .choices(registryImports.map(({ name }) => name))
        .makeOptionMandatory(),
    )
    .option('--name <name>', 'of the role list; one of the same name is replaced')
    .option('--agent <template>', 'id of a Kubernetes workload in the logs: {namespace}/{name}, {label:app}')
    .option('--complete', 'take back what an earlier import of this kind said and this one does not')
    .option('--dry-run', 'only tell what would change')
    .action(importFile);
  add('grants', 'hold what is granted against what is used, the longest unused first')
    .option('--agent <id>', 'only of this agent')
    .option('--days <n>', 'of use that is looked at', '90')
    .option('--unused-days <n>', 'only what nobody used for so long', '0')
    .option('--json', 'as JSON, one grant a line')
    .action(grants);
}

async function list(options: ListOptions, command: Command): Promise<void> {
  const query = new URLSearchParams({ space: options.space, limit: options.limit });
  const answer = await apiClientOf(command).get<{ readonly items: readonly RegisteredAgent[] }>(
    `/registry?${query}`,
  );
  const agents = answer.items.filter((agent) => options.unregistered !== true || !agent.is_registered);
  if (options.json) {
    for (const agent of agents) process.stdout.write(`${JSON.stringify(agent)}\n`);
    return;
  }
  const shown = (fact: Fact<string> | null) => (fact === null ? '' : `${fact.value} (${fact.origin})`);
  const rows = agents.map((agent) => [
    agent.id,
    agent.is_retired ? 'retired' : agent.is_registered ? 'registered' : 'only seen',
    shown(agent.kind),
    shown(agent.zone),
    shown(agent.owner),
    agent.versions.at(-1)?.version ?? '',
    agent.last_seen === null ? 'never' : new Date(agent.last_seen).toISOString().slice(0, 16),
  ]);
  process.stdout.write(tableText([['agent', '', 'kind', 'zone', 'owner', 'version', 'last seen'], ...rows]));
}

function addSet(command: Command): void {
  command
    .argument('<agent>', 'its id, or a beginning of ids that ends with *')
    .addOption(new Option('--kind <kind>').choices([...agentKinds]))
    .option('--owner <name>', 'who answers for it')
    .option('--zone <name>', 'segment')
    .option('--peer-group <name>', 'agents that it should behave like')
    .option('--identity <names...>', 'SPIFFE ids, token subjects and addresses that it may use')
    .option('--shipper <names...>', 'who may report about it')
    .option('--runs <versions...>', 'versions that it is meant to run')
    .option('--package <names...>', 'packages that it runs, as advisories name them')
    .option('--tool <names...>', 'tools or skills that it offers')
    .option('--retired', 'it should be heard of no more')
    .action(async (agent: string, options: SetOptions, of: Command) => {
      const { space, peerGroup, identity, shipper, runs, package: packages, tool, retired } = options;
      const { kind, owner, zone } = options;
      const facts = { kind, owner, zone, peer_group: peerGroup, identities: identity, shippers: shipper };
      const software = { versions: runs, packages, tools: tool, is_retired: retired };
      const path = `/registry?${new URLSearchParams({ space })}`;
      const { body } = await apiClientOf(of).send<{ body: unknown }>('PUT', path, {
        agent,
        ...facts,
        ...software,
      });
      print(body);
    });
}

async function importFile(file: string, options: ImportOptions, command: Command): Promise<void> {
  const path = `/registry/imports/${options.kind}?${new URLSearchParams({ space: options.space })}`;
  const { changed, removed, unchanged, skipped, skipped_count } = await apiClientOf(
    command,
  ).send<ImportAnswer>('POST', path, {
    content: readText(file),
    name: options.name,
    agent: options.agent,
    is_complete: options.complete === true,
    is_dry_run: options.dryRun === true,
  });
  for (const name of changed) process.stdout.write(`imported  ${name}\n`);
  for (const name of removed) process.stdout.write(`removed   ${name}\n`);
  for (const reason of skipped) process.stderr.write(`skipped   ${reason}\n`);
  const counts = `${changed.length} imported, ${removed.length} removed, ${unchanged} unchanged, ${skipped_count} skipped`;
  process.stdout.write(`${options.dryRun === true ? 'would be: ' : ''}${counts}\n`);
}

async function grants(options: GrantOptions, command: Command): Promise<void> {
  const query = new URLSearchParams({
    space: options.space,
    days: options.days,
    unused_days_min: options.unusedDays,
    ...(options.agent !== undefined && { agent: options.agent }),
  });
  const { items } = await apiClientOf(command).get<{ readonly items: readonly GrantUse[] }>(
    `/grants?${query}`,
  );
  if (options.json) {
    for (const item of items) process.stdout.write(`${JSON.stringify(item)}\n`);
    return;
  }
  const rows = items.map((use) => [
    use.agent,
    use.role ?? '',
    use.from,
    use.to.join(', '),
    use.last_used === null ? 'never' : `${use.unused_days} days ago`,
    use.last_used === null ? 'all of it' : [...use.unused_to, ...use.unused_actions].join(', '),
  ]);
  process.stdout.write(tableText([['agent', 'role', 'given by', 'to', 'last used', 'unused'], ...rows]));
}

function print(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
}
