import { createFirstEvents } from '../rules/first-events.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { createReminders } from '../rules/reminders.ts';
import { ruleDetector } from '../rules/rule.ts';
import { agentCommunication, masquerading } from '../rules/techniques.ts';
import type { View } from './detector.ts';

/** Kinds that nobody registers: people sign in, and the world outside is the world outside. */
const foreignKinds = new Set(['human', 'external']);
/** A space shows its own agents within a day; who comes later, and undeclared, is a newcomer for a week. */
const settledMs = 24 * 3_600_000;
const newcomerMs = 7 * 24 * 3_600_000;

/**
 * An agent that calls although nobody ever declared it, or although it was retired. Where the policy only watches, one
 * that was there before the registry is a gap in the registry, told once a day; one that appears later is an intruder.
 */
export const shadowAgent = ruleDetector({
  name: 'shadow-agent',
  headline: 'is in no registry',
  summary: 'A call by an agent that is not in the registry, or was retired',
  source: 'NIST SP 800-207, tenet 5: no asset is inherently trusted, all of them are known',
  techniques: [masquerading, agentCommunication],
  side: 'source',
  create: ({ agents, decisions }) => {
    const { policy, registry } = intentionsOf(decisions);
    const told = createReminders('told', 'agent');
    const began = createFirstEvents('spaces');
    const isNewcomer = ({ event, agent, time }: View) => {
      const firstSeen = agents.firstSeen(agent);
      const isLate = firstSeen - (began.of(event.space) ?? firstSeen) >= settledMs;
      return isLate && time - firstSeen < newcomerMs;
    };
    const isUnregistered = ({ event }: View) => {
      if (!registry.isUsed(event.space) || registry.isRegistered(event.space, event.source)) return false;
      if (event.source_kind !== undefined && foreignKinds.has(event.source_kind)) return false;
      const compiled = policy(event.space);
      return compiled.policy.identity.unregistered !== 'allowed' && !compiled.isIdentityExempt(event.source);
    };
    return {
      judge: (view) => {
        const { event } = view;
        if (!isUnregistered(view))
          return registry.isRetired(event.space, event.source) ? 'warning' : undefined;
        if (policy(event.space).policy.identity.unregistered === 'denied' || isNewcomer(view))
          return 'breach';
        return told.isDue(view.agent, view.time) ? 'notice' : undefined;
      },
      tell: ({ event }) => ({
        observed: 1,
        expected: 0,
        unit: 'calls of an unregistered agent',
        subject: event.source,
        sentence: registry.isRegistered(event.space, event.source)
          ? `${event.source} was retired and called ${event.destination}`
          : `${event.source} called ${event.destination} and is in no registry`,
      }),
      learn: (view) => {
        began.learn(view.event.space, view.time);
        if (isUnregistered(view) && told.isDue(view.agent, view.time)) told.mark(view.agent, view.time);
      },
      memories: [told, began],
    };
  },
});
