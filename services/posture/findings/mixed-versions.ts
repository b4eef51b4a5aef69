import { lastDays } from '#shared/posture/period.ts';
import type { PostureFound } from '#shared/posture/posture-signal.ts';
import { type VersionRow, versionsIn } from '#shared/posture/versions.ts';
import { compareVersions } from '#shared/registry/version.ts';
import { type Finding, weekOf } from './finding.ts';

const hourMs = 3_600_000;
/** A version counts as running while it was seen so lately: what calls once a night is still there in the morning. */
const runningMs = 24 * hourMs;
/** A rollout takes hours; what is still mixed a day later was forgotten, or held up. */
const rolloutMs = 24 * hourMs;
const lookBackDays = 8;

/** Agents that should be alike, or the instances of one agent, that run several versions long after a rollout. */
export const mixedVersions: Finding = {
  name: 'mixed-versions',
  summary: 'A peer group, or the instances of one agent, that runs several versions for more than a day',
  source: 'NIST SP 800-207, tenet 5; NIST SP 800-40 Rev. 4: enterprise patch management',
  find: async ({ store, intentions }, { space, now }) => {
    const rows = await versionsIn(store, lastDays(space, lookBackDays, now)[0]);
    const groups = Map.groupBy(
      rows.filter((row) => row.last_time >= now - runningMs),
      ({ agent }) => intentions.registry.get(space, agent)?.peer_group?.value ?? agent,
    );
    return [...groups].flatMap(([group, running]) => mixedIn({ space, group, running, now }) ?? []);
  },
};

function mixedIn(of: {
  readonly space: string;
  readonly group: string;
  readonly running: readonly VersionRow[];
  readonly now: number;
}): PostureFound | undefined {
  const { space, group, running, now } = of;
  const versions = [...new Set(running.map(({ version }) => version))].sort(compareVersions);
  const [oldest] = versions;
  const newest = versions.at(-1);
  const since = Math.max(...versions.map((version) => firstSeen(running, version)));
  if (oldest === undefined || newest === undefined || versions.length < 2 || now - since < rolloutMs)
    return undefined;
  const laggards = [
    ...new Set(running.filter(({ version }) => version === oldest).map(({ agent }) => agent)),
  ];
  const [agent = group] = laggards.sort();
  const who = agent === group ? 'instances of it' : `others of ${group}`;
  const more = laggards.length > 1 ? ` and ${laggards.length - 1} more` : '';
  const days = Math.floor((now - since) / (24 * hourMs));
  return {
    space,
    detector: mixedVersions.name,
    tier: 'notice',
    agent,
    peer: null,
    cause: `${group}/${versions.join(',')}/${weekOf(now)}`,
    time: Math.max(...running.map(({ last_time }) => last_time)),
    from: since,
    observed: versions.length,
    expected: 1,
    unit: 'versions that run at once',
    subject: group,
    sentence: `${agent}${more} runs ${oldest} while ${who} run ${newest}, ${days} days after that came`,
  };
}

function firstSeen(running: readonly VersionRow[], version: string): number {
  return Math.min(...running.filter((row) => row.version === version).map((row) => row.first_time));
}
