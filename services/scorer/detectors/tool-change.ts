import { attributeNames } from '#shared/attributes.ts';
import { keptAttribute } from '../rules/kept-attribute.ts';
import { ruleDetector } from '../rules/rule.ts';
import { toolPoisoning } from '../rules/techniques.ts';

/** The tools that an agent offers are not those that its callers knew: names, descriptions or schemas changed. */
export const toolChange = ruleDetector({
  name: 'tool-change',
  headline: 'its tools are not those that its callers knew',
  summary: 'An agent that offers other tools than it did',
  source: 'OWASP Agentic AI threats, ASI02: tool misuse; detection reference, section 2.8',
  techniques: [toolPoisoning],
  side: 'destination',
  needs: [attributeNames.toolsHash],
  create: () =>
    keptAttribute({
      attribute: attributeNames.toolsHash,
      tier: 'breach',
      name: 'tools',
      observationsMin: 20,
      ageMsMin: 3_600_000,
      valuesMax: 16, // an agent that changes with every caller has no tool to keep to
      tell: ({ event }) => ({
        observed: 1,
        expected: 0,
        unit: 'calls to changed tools',
        subject: event.destination,
        sentence: `${event.destination} offers other tools than before (called by ${event.source})`,
      }),
    }),
});
