import type { AmissEvent } from '#shared/event.ts';
import type { Intentions } from '#shared/policy/intentions.ts';
import { packagesOfAgent } from '#shared/registry/advisories.ts';
import type { Affected } from '#shared/registry/advisory.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { createReminders } from '../rules/reminders.ts';
import { ruleDetector } from '../rules/rule.ts';
import { exploitRemoteServices } from '../rules/techniques.ts';
import type { View } from './detector.ts';

/** Software for which an advisory says that it is vulnerable. */
export const vulnerableVersion = ruleDetector({
  name: 'vulnerable-version',
  headline: 'runs a vulnerable version',
  summary: 'An agent that runs a version with a known vulnerability',
  source: 'Open Source Vulnerability format 1.7; NIST SP 800-40 Rev. 4',
  techniques: [exploitRemoteServices],
  side: 'source',
  needs: ['source_version'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const told = createReminders('told', 'agent');
    const clean = createClean();
    const isFound = ({ event, agent, time }: View): boolean => {
      const version = event.source_version;
      if (version === undefined || intentions.advisories.isEmpty() || !told.isDue(agent, time)) return false;
      if (clean.has(agent, version, decisions.version)) return false;
      const isAffected = affecting(intentions, event).length > 0;
      if (!isAffected) clean.add(agent, version, decisions.version);
      return isAffected;
    };
    return {
      judge: (view) => (isFound(view) ? 'notice' : undefined),
      tell: ({ event }) => {
        const hits = affecting(intentions, event);
        const fixed = hits[0]?.fixed ?? null;
        return {
          observed: hits.length,
          expected: 0,
          unit: 'advisories',
          subject: hits[0]?.id ?? null,
          sentence:
            `${event.source} runs ${event.source_version}, to which ${hits.map((hit) => hit.id).join(', ')} applies` +
            (fixed === null ? '' : `; ${fixed} is the first version without`),
        };
      },
      learn: (view) => {
        if (isFound(view)) told.mark(view.agent, view.time);
      },
      memories: [told, clean],
    };
  },
});

/** Agents that are remembered as clean; beyond them all are looked up anew. */
const cleanMax = 100_000;

/** Agents whose version no advisory speaks of, as long as nothing else is decided: most calls are of these. */
function createClean() {
  const versions = new Map<number, string>();
  let decided = -1;
  return {
    name: 'clean',
    has: (agent: number, version: string, now: number) => decided === now && versions.get(agent) === version,
    add: (agent: number, version: string, now: number) => {
      if (decided !== now || versions.size >= cleanMax) versions.clear();
      decided = now;
      versions.set(agent, version);
    },
    forgetAgent: (agent: number) => {
      versions.delete(agent);
    },
    save: () => undefined, // looked up again after a restart
    restore: () => versions.clear(),
  };
}

function affecting({ registry, advisories }: Intentions, event: AmissEvent): readonly Affected[] {
  const declared = registry.get(event.space, event.source)?.packages ?? [];
  const packages = packagesOfAgent(
    event.source,
    declared.map((fact) => fact.value),
  );
  return advisories.affecting(packages, event.source_version ?? '');
}
