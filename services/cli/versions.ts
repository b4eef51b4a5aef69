import type { Command } from 'commander';
import type { Decision } from '#shared/decision.ts';
import { AppError } from '#shared/errors.ts';
import type { VersionChange, VersionFinding } from '#shared/posture/versions.ts';
import { apiClientOf, withApiOptions } from './api-client.ts';
import { tableText } from './table.ts';

interface ListOptions {
  readonly space: string;
  readonly days: string;
  readonly json?: boolean;
}

interface AcceptOptions {
  readonly space: string;
  readonly alert?: string;
  readonly reason: string;
}

interface Versions {
  readonly findings: readonly VersionFinding[];
  readonly changes: readonly VersionChange[];
}

/** `amiss versions list|accept`. */
export function addVersionCommands(program: Command): void {
  const versions = program
    .command('versions')
    .description('what agents run, and releases that explain alerts');
  withApiOptions(versions.command('list'))
    .description('list outdated, vulnerable and mixed versions, and changes of version')
    .option('--space <name>', 'tenant', 'default')
    .option('--days <n>', 'how far back', '30')
    .option('--json', 'as JSON')
    .action(list);
  withApiOptions(versions.command('accept'))
    .description('accept a change of version as planned: what it explains is learned as the new normal')
    .argument('[agent]', 'whose newest change; not needed with --alert')
    .option('--alert <id>', 'the change that explains this alert')
    .option('--space <name>', 'tenant', 'default')
    .option('--reason <text>', 'kept with the decision', '')
    .action(async (agent: string | undefined, options: AcceptOptions, command: Command) => {
      const path = `${pathOf(agent, options.alert)}?${new URLSearchParams({ space: options.space })}`;
      const { reason } = await apiClientOf(command).send<Decision>('POST', path, { reason: options.reason });
      process.stdout.write(`accepted as planned: ${reason}\n`);
    });
}

function pathOf(agent: string | undefined, alert: string | undefined): string {
  if (alert !== undefined) return `/alerts/${encodeURIComponent(alert)}/accept-version`;
  if (agent !== undefined) return `/versions/${encodeURIComponent(agent)}/accept`;
  throw new AppError('USAGE', 'name an agent, or an alert with --alert');
}

async function list({ space, days, json }: ListOptions, command: Command): Promise<void> {
  const found = await apiClientOf(command).get<Versions>(`/versions?${new URLSearchParams({ space, days })}`);
  if (json) {
    process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    return;
  }
  const findings = found.findings.map((finding) => [finding.kind, ...findingCells(finding)]);
  const changes = found.changes.map((change) => [
    'changed',
    change.agent,
    `${change.from} → ${change.to}`,
    new Date(change.at).toISOString().slice(0, 16),
  ]);
  const rows = [...findings, ...changes];
  process.stdout.write(
    rows.length === 0
      ? `no outdated, vulnerable or mixed versions, and no change of version in the last ${days} days\n`
      : tableText([['', 'agent', 'version', ''], ...rows]),
  );
}

function findingCells(finding: VersionFinding): readonly [agent: string, version: string, why: string] {
  switch (finding.kind) {
    case 'outdated':
      return [finding.agent, finding.version, `the policy asks for ${finding.version_min}`];
    case 'vulnerable':
      return [finding.agent, finding.version, finding.advisories.map(({ id }) => id).join(', ')];
    case 'mixed':
      return [finding.group, finding.versions.join(', '), `${finding.agents} agents`];
    default:
      return finding satisfies never;
  }
}
