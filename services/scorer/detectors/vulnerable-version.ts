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
    const found = ({ event, agent, time }: View) => {
      if (event.source_version === undefined || intentions.advisories.isEmpty()) return undefined;
      return told.isDue(agent, time) ? affecting(intentions, event)[0] : undefined;
    };
    return {
      judge: (view) => (found(view) === undefined ? undefined : 'notice'),
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
        if (found(view) !== undefined) told.mark(view.agent, view.time);
      },
      memories: [told],
    };
  },
});

function affecting({ registry, advisories }: Intentions, event: AmissEvent): readonly Affected[] {
  const declared = registry.get(event.space, event.source)?.packages ?? [];
  const packages = packagesOfAgent(
    event.source,
    declared.map((fact) => fact.value),
  );
  return advisories.affecting(packages, event.source_version ?? '');
}
