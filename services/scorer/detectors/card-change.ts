import { attributeNames } from '#shared/attributes.ts';
import { keptAttribute } from '../rules/kept-attribute.ts';
import { ruleDetector } from '../rules/rule.ts';
import { agentCommunication, masquerading } from '../rules/techniques.ts';

/** An agent's card is not the one that its callers knew: what it is, offers or asks for changed. */
export const cardChange = ruleDetector({
  name: 'card-change',
  headline: 'its agent card is not the one that its callers knew',
  summary: 'An agent whose A2A card changed',
  source: 'A2A 1.0, agent card; OWASP Agentic AI threats, ASI07: inter-agent communication',
  techniques: [agentCommunication, masquerading],
  side: 'destination',
  needs: [attributeNames.cardHash],
  create: () =>
    keptAttribute({
      attribute: attributeNames.cardHash,
      tier: 'breach',
      name: 'cards',
      observationsMin: 20,
      ageMsMin: 3_600_000,
      valuesMax: 16, // an agent that changes with every caller has no card to keep to
      tell: ({ event }) => ({
        observed: 1,
        expected: 0,
        unit: 'calls under a changed card',
        subject: event.destination,
        sentence: `${event.destination} shows another agent card than before (called by ${event.source})`,
      }),
    }),
});
