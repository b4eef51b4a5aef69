import { compareVersions } from '#shared/registry/version.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { createReminders } from '../rules/reminders.ts';
import { ruleDetector } from '../rules/rule.ts';
import { exploitRemoteServices } from '../rules/techniques.ts';
import type { View } from './detector.ts';

/** Software older than the policy lets it be. */
export const outdatedVersion = ruleDetector({
  name: 'outdated-version',
  headline: 'runs an outdated version',
  summary: 'An agent that runs a version older than the policy asks for',
  source: 'NIST SP 800-207, tenet 5; NIST SP 800-40 Rev. 4: enterprise patch management',
  techniques: [exploitRemoteServices],
  side: 'source',
  needs: ['source_version'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const told = createReminders('told', 'agent');
    const isDue = ({ event, agent, time }: View) => {
      if (event.source_version === undefined) return false;
      const versionMin = intentions.policy(event.space).versionMin(event.source);
      if (versionMin === undefined || !told.isDue(agent, time)) return false;
      return compareVersions(event.source_version, versionMin) < 0;
    };
    return {
      judge: (view) => (isDue(view) ? 'notice' : undefined),
      tell: ({ event }) => {
        const versionMin = intentions.policy(event.space).versionMin(event.source);
        return {
          observed: 1,
          expected: 0,
          unit: `calls by a version before ${versionMin}`,
          subject: event.source_version ?? null,
          sentence: `${event.source} runs ${event.source_version}; the policy asks for ${versionMin} or newer`,
        };
      },
      learn: (view, tier) => {
        if (tier !== undefined) told.mark(view.agent, view.time);
      },
      memories: [told],
    };
  },
});
