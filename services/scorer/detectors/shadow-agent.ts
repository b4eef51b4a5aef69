import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { agentCommunication, masquerading } from '../rules/techniques.ts';

/** Kinds that nobody registers: people sign in, and the world outside is the world outside. */
const foreignKinds = new Set(['human', 'external']);

/** An agent that calls although nobody ever declared it, or although it was retired. */
export const shadowAgent = ruleDetector({
  name: 'shadow-agent',
  summary: 'A call by an agent that is not in the registry, or was retired',
  source: 'NIST SP 800-207, tenet 5: no asset is inherently trusted, all of them are known',
  techniques: [masquerading, agentCommunication],
  side: 'source',
  create: ({ decisions }) => {
    const { policy, registry } = intentionsOf(decisions);
    return {
      judge: ({ event }) => {
        if (!registry.isUsed(event.space)) return undefined;
        if (registry.isRegistered(event.space, event.source))
          return registry.isRetired(event.space, event.source) ? 'warning' : undefined;
        if (event.source_kind !== undefined && foreignKinds.has(event.source_kind)) return undefined;
        const compiled = policy(event.space);
        const { unregistered } = compiled.policy.identity;
        if (unregistered === 'allowed' || compiled.isIdentityExempt(event.source)) return undefined;
        return unregistered === 'denied' ? 'breach' : 'warning';
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
    };
  },
});
