import type { PlannedChange } from '../planned-change.ts';
import type { Intentions } from '../policy/intentions.ts';
import { packagesOfAgent } from '../registry/advisories.ts';
import type { Affected } from '../registry/advisory.ts';
import { compareVersions } from '../registry/version.ts';
import type { Store } from '../store/store.ts';
import type { Period } from './period.ts';

/** Versions of all agents that one question may have. */
const rowsMax = 1_000_000;

/** A version that an agent ran in a period. */
export interface VersionRow {
  readonly agent: string;
  readonly version: string;
  /** UTC ms. */
  readonly first_time: number;
  readonly last_time: number;
}

/** What is wrong with an agent's software. */
export type VersionFinding =
  | {
      readonly kind: 'outdated';
      readonly agent: string;
      readonly version: string;
      readonly version_min: string;
    }
  | {
      readonly kind: 'vulnerable';
      readonly agent: string;
      readonly version: string;
      readonly advisories: readonly Affected[];
    }
  | {
      readonly kind: 'mixed';
      readonly group: string;
      readonly versions: readonly string[];
      readonly agents: number;
    };

/** A change of version, which may explain a change of behaviour. */
export interface VersionChange {
  readonly agent: string;
  readonly from: string;
  readonly to: string;
  /** UTC ms of the first call of the new version. */
  readonly at: number;
}

/**
 * Every version that was seen in a period, by agent and time.
 *
 * @param wishes.agents of these agents alone
 */
export function versionsIn(
  store: Store,
  period: Period,
  wishes: { readonly agents?: readonly string[]; readonly signal?: AbortSignal } = {},
): Promise<readonly VersionRow[]> {
  const { agents, signal } = wishes;
  return store.query<VersionRow>({
    sql: `
      SELECT source AS agent, source_version AS version, min(time) AS first_time, max(time) AS last_time
      FROM events
      WHERE space = {space:String} AND time >= {from:Int64} AND time < {to:Int64} AND source_version IS NOT NULL
        ${agents === undefined ? '' : 'AND source IN {agents:Array(String)}'}
      GROUP BY agent, version ORDER BY agent, first_time, version`,
    parameters: { ...period, ...(agents === undefined ? {} : { agents }) },
    rowsMax,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What each agent runs now: the version that was seen last. */
export function currentVersions(rows: readonly VersionRow[]): readonly VersionRow[] {
  const newest = new Map<string, VersionRow>();
  for (const row of rows) {
    const known = newest.get(row.agent);
    if (known === undefined || row.last_time > known.last_time) newest.set(row.agent, row);
  }
  return [...newest.values()];
}

/** Outdated and vulnerable agents, and peer groups that run more than one version. */
export function versionFindings(
  rows: readonly VersionRow[],
  intentions: Intentions,
  space: string,
): readonly VersionFinding[] {
  const policy = intentions.policy(space);
  const groups = new Map<string, VersionRow[]>();
  const findings = currentVersions(rows).flatMap((row): readonly VersionFinding[] => {
    const { agent, version } = row;
    const registered = intentions.registry.get(space, agent);
    const group = registered?.peer_group?.value;
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), row]);
    const versionMin = policy.versionMin(agent);
    const isOutdated = versionMin !== undefined && compareVersions(version, versionMin) < 0;
    const packages = packagesOfAgent(agent, registered?.packages.map((fact) => fact.value) ?? []);
    const advisories = intentions.advisories.affecting(packages, version);
    return [
      ...(isOutdated ? [{ kind: 'outdated' as const, agent, version, version_min: versionMin }] : []),
      ...(advisories.length > 0 ? [{ kind: 'vulnerable' as const, agent, version, advisories }] : []),
    ];
  });
  const mixed = [...groups].flatMap(([group, members]): readonly VersionFinding[] => {
    const versions = [...new Set(members.map((row) => row.version))].sort(compareVersions);
    return versions.length > 1 ? [{ kind: 'mixed', group, versions, agents: members.length }] : [];
  });
  return [...findings, ...mixed];
}

/** Each agent's changes of version, oldest first. */
export function versionChanges(rows: readonly VersionRow[]): readonly VersionChange[] {
  const last = new Map<string, VersionRow>();
  const changes: VersionChange[] = [];
  for (const row of rows.toSorted((a, b) => a.first_time - b.first_time)) {
    const before = last.get(row.agent);
    if (before !== undefined)
      changes.push({ agent: row.agent, from: before.version, to: row.version, at: row.first_time });
    last.set(row.agent, row);
  }
  return changes;
}

/** A release shows within its first day: the nightly jobs have run by then. */
const plannedMs = 24 * 60 * 60_000;

/** The decision that accepts a change of version as planned: key, reason and body, as `POST /decisions` takes them. */
export function acceptanceOf(
  space: string,
  { agent, from, to, at }: VersionChange,
): { readonly space: string; readonly key: string; readonly reason: string; readonly body: PlannedChange } {
  return {
    space,
    key: `planned_change/version/${space}/${agent}/${at}`,
    reason: `${agent} went from ${from} to ${to}`,
    body: { agent, from: at, to: at + plannedMs, mode: 'relearn' },
  };
}
